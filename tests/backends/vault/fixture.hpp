// SPDX-License-Identifier: Apache-2.0
// One conversation with the vault backend, in the shapes that an OpenBao server answers in.
#pragma once

#include "backends/conversation.hpp"

namespace regcred::test {

class Vault : public Conversation {
 protected:
  static constexpr const char *address = "https://vault.example.com:8200";
  static constexpr const char *login_url = "https://vault.example.com:8200/v1/auth/jwt/login";
  static constexpr const char *secret_url = "https://vault.example.com:8200/v1/secret/data/registries/harbor";
  static constexpr const char *revoke_url = "https://vault.example.com:8200/v1/auth/token/revoke-self";
  static constexpr const char *own_image = "harbor.example.com/team/app";

  Vault() { password = "pa55-word canary-0123456789"; }

  // The usual settings with `more`, where null takes one away.
  [[nodiscard]] static nlohmann::json settings(const nlohmann::json &more = nlohmann::json::object()) {
    nlohmann::json made = {
        {"address", address}, {"role", "puller"}, {"mount", "secret"}, {"path", "registries/harbor"}};
    made.merge_patch(more);
    return made;
  }

  [[nodiscard]] nlohmann::json login_answer(const char *type = "service", int seconds = 60) const {
    return {{"lease_id", ""},
            {"lease_duration", 0},
            {"data", nullptr},
            {"auth",
             {{"client_token", client_token},
              {"accessor", "SCDKZJ7uvB7gRqPXP7ogctTp"},
              {"policies", {"default", "pull"}},
              {"lease_duration", seconds},
              {"renewable", true},
              {"token_type", type}}}};
  }
  [[nodiscard]] static nlohmann::json kv2_answer(const nlohmann::json &fields) {
    return {
        {"lease_id", ""},
        {"lease_duration", 0},
        {"data",
         {{"data", fields},
          {"metadata",
           {{"created_time", "2025-06-15T12:00:00Z"}, {"deletion_time", ""}, {"destroyed", false}, {"version", 1}}}}},
        {"auth", nullptr}};
  }
  [[nodiscard]] static nlohmann::json kv1_answer(const nlohmann::json &fields) {
    return {{"lease_id", ""}, {"lease_duration", 2764800}, {"data", fields}, {"auth", nullptr}};
  }
  [[nodiscard]] nlohmann::json user_and_password() const { return {{"username", "robot$ci"}, {"password", password}}; }

  void expect_login(const std::string &url = login_url) {
    host.expect("POST", url)
        .with_header("X-Vault-Request", "true")
        .with_json({{"role", "puller"}, {"jwt", pod_token}})
        .reply(200, login_answer().dump());
  }
  ScriptedCall &expect_read(const std::string &url = secret_url) {
    return host.expect("GET", url).with_header("X-Vault-Token", client_token).with_header("X-Vault-Request", "true");
  }
  ScriptedCall &expect_revocation() {
    return host.expect("POST", revoke_url).with_header("X-Vault-Token", client_token).reply(204);
  }

  // Login, read, revocation.
  Outcome read(const nlohmann::json &own_settings, const nlohmann::json &answer, const std::string &url = secret_url,
               const std::string &image_name = own_image) {
    expect_login();
    expect_read(url).reply(200, answer.dump());
    expect_revocation();
    return ask(own_settings, image(image_name));
  }

  static void expect_harbors_answer(const Outcome &outcome, const std::string &password) {
    ASSERT_THAT(outcome, IsOk());
    ASSERT_EQ(outcome.auth.size(), 1U);
    EXPECT_EQ(outcome.auth[0].registry, "harbor.example.com");
    EXPECT_EQ(outcome.auth[0].username, "robot$ci");
    EXPECT_EQ(outcome.auth[0].password, password);
    EXPECT_EQ(outcome.scope, Scope::image);
    EXPECT_EQ(outcome.lifetime, std::nullopt);
  }

  std::string client_token = "s.aULvJGdF6anGBqTabP0ChNwx";
};

}  // namespace regcred::test
