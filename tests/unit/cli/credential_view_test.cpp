// SPDX-License-Identifier: Apache-2.0
#include "cli/credential_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regcred/base64.hpp>

namespace regcred::core {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class View : public ::testing::Test {
 protected:
  View() {
    entry_.name = "internal";
    entry_.backend = "static";
    entry_.origin = "config.yaml:3:5";
    answer_.api_version = "credentialprovider.kubelet.k8s.io/v1";
    answer_.cache_key_type = CacheKeyType::registry;
    answer_.cache_duration = std::chrono::seconds(3600);
    answer_.auth.push_back({"reg.example.com:5000", "puller", Secret("canary-password")});
  }
  [[nodiscard]] CredentialView view(bool show_secrets) const { return {image_, answer_, &entry_, show_secrets}; }

  std::string image_ = "reg.example.com:5000/team/app";
  Answer answer_;
  RegistryEntry entry_;
};

TEST_F(View, the_table_in_full) {
  EXPECT_EQ(as_table(view(false)),
            "image        reg.example.com:5000/team/app\n"
            "answered by  internal (backend static, config.yaml:3:5)\n"
            "kept         3600s, for every image of the registry\n"
            "\n"
            "REGISTRY              USERNAME  PASSWORD\n"
            "reg.example.com:5000  puller    <hidden>\n");
  EXPECT_THAT(as_table(view(true)), HasSubstr("puller    canary-password\n"));
}

TEST_F(View, how_long_an_answer_is_kept_in_words) {
  answer_.cache_duration.reset();
  EXPECT_THAT(as_table(view(false)), HasSubstr("kept         as long as the kubelet's defaultCacheDuration says"));
  answer_.cache_duration = std::chrono::seconds(0);
  EXPECT_THAT(as_table(view(false)), HasSubstr("kept         not at all"));
}

TEST_F(View, an_answer_without_credentials_says_so) {
  answer_.auth.clear();
  EXPECT_THAT(as_table(view(false)), HasSubstr("no credentials: the kubelet pulls this image without any"));
  EXPECT_EQ(json::parse(as_docker_config(view(true))), json::parse(R"({"auths":{}})"));
  EXPECT_EQ(json::parse(as_json(view(true)))["credentials"], json::array());
  EXPECT_FALSE(json::parse(as_json(view(true))).contains("reason"));
  CredentialView explained = view(false);
  explained.why_none = "no role is named";
  EXPECT_THAT(as_table(explained), HasSubstr("\nreason  no role is named\n"));
  EXPECT_EQ(json::parse(as_json(explained))["reason"], "no role is named");
}

TEST_F(View, the_kubelets_answer_keeps_its_shape_when_hidden) {
  const json shown = json::parse(as_kubelet_answer(view(true)));
  EXPECT_EQ(shown["auth"]["reg.example.com:5000"]["password"], "canary-password");
  json hidden = json::parse(as_kubelet_answer(view(false)));
  EXPECT_EQ(hidden["auth"]["reg.example.com:5000"]["password"], hidden_password);
  hidden["auth"] = shown["auth"];
  EXPECT_EQ(hidden, shown);
}

TEST_F(View, a_docker_config_holds_username_and_password_together) {
  EXPECT_EQ(json::parse(as_docker_config(view(true))),
            json::parse(R"({"auths":{"reg.example.com:5000":{"auth":"cHVsbGVyOmNhbmFyeS1wYXNzd29yZA=="}}})"));
  EXPECT_EQ(json::parse(as_docker_config(view(false))),
            json::parse(R"({"auths":{"reg.example.com:5000":{"auth":"<hidden>"}}})"));
  answer_.auth[0].registry = "docker.io";
  EXPECT_TRUE(json::parse(as_docker_config(view(true)))["auths"].contains("https://index.docker.io/v1/"));
}

TEST_F(View, json_for_scripts_never_holds_a_word_in_place_of_a_password) {
  EXPECT_EQ(json::parse(as_json(view(false))), json::parse(R"({
    "image": "reg.example.com:5000/team/app", "registry": "internal", "backend": "static",
    "cacheKeyType": "Registry", "cacheDuration": "3600s",
    "credentials": [{"registry": "reg.example.com:5000", "username": "puller", "password": null}]})"));
  EXPECT_EQ(json::parse(as_json(view(true)))["credentials"][0]["password"], "canary-password");
}

TEST_F(View, L1_nothing_shows_a_password_unasked) {
  for (const auto &render : {&as_table, &as_kubelet_answer, &as_docker_config, &as_json}) {
    EXPECT_THAT(render(view(false)),
                AllOf(Not(HasSubstr("canary")), Not(HasSubstr(base64_encode("canary").substr(0, 8)))));
  }
}

}  // namespace
}  // namespace regcred::core
