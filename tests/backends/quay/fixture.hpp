// SPDX-License-Identifier: Apache-2.0
// One conversation with the quay backend: settings and annotation in, the exchange and the outcome out.
#pragma once

#include "backends/conversation.hpp"

namespace regcred::test {

inline constexpr const char *own_image = "quay.io/acme/app";
inline constexpr const char *default_settings = R"({"robot":"acme+puller"})";
inline constexpr const char *default_url = "https://quay.io/oauth2/federation/robot/token";
inline constexpr const char *robot_key = "quay.io/federated-robot-account";

class Quay : public Conversation {
 protected:
  // What Quay answers: a robot's token that lives for `seconds` from the fake host's now.
  [[nodiscard]] std::string robot_token(std::int64_t seconds) const {
    return fake_token({{"exp", host.unix_now().count() + seconds}, {"sub", "robot-canary-subject"}});
  }
  [[nodiscard]] static std::string token_json(const std::string &token) {
    return nlohmann::json{{"token", token}}.dump();
  }
  [[nodiscard]] std::string basic(const std::string &robot) const {
    return "Basic " + base64_encode(robot + ":" + pod_token);
  }
  [[nodiscard]] FakeRequest image(std::string name = own_image) const { return Conversation::image(std::move(name)); }
  Outcome ask(const std::string &settings, const FakeRequest &request) {
    return run(backend(), settings, request, host);
  }
};

}  // namespace regcred::test
