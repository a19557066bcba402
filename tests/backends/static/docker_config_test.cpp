// SPDX-License-Identifier: Apache-2.0
// A pull secret's .dockerconfigjson, moved to the node as it is.
#include <regcred/base64.hpp>

#include "backends/static/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char *file = "/etc/regcred/pull-secret.json";
const json settings = {{"dockerConfigFile", file}};

class StaticDockerConfig : public Static {
 protected:
  Outcome asked(const json &auths, const std::string &image) {
    host.add_secret_file(file, json{{"auths", auths}}.dump(2));
    return ask(settings.dump(), image);
  }
  [[nodiscard]] json entry(const std::string &username) const {
    return {{"auth", base64_encode(username + ":" + password)}};
  }
};

TEST_F(StaticDockerConfig, gives_the_registrys_entry_for_the_whole_registry) {
  const json auths = {{"harbor.example.com", entry("robot$ci")}, {"https://index.docker.io/v1/", entry("hub")}};
  const Outcome outcome = asked(auths, "harbor.example.com/team/app");
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, "harbor.example.com");
  EXPECT_EQ(outcome.auth[0].username, "robot$ci");
  EXPECT_EQ(outcome.auth[0].password, password);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::nullopt);
  EXPECT_EQ(asked(auths, "docker.io/library/nginx").auth.at(0).username, "hub");
  EXPECT_TRUE(host.calls().empty());
}

TEST_F(StaticDockerConfig, M2b_an_entry_with_a_path_is_for_that_path) {
  const json auths = {{"harbor.example.com/team", entry("team")}, {"harbor.example.com", entry("all")}};
  const Outcome outcome = asked(auths, "Harbor.example.com/team/app");
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).registry, "Harbor.example.com/team");
  EXPECT_EQ(outcome.auth.at(0).username, "team");
  EXPECT_EQ(outcome.scope, Scope::image);
  EXPECT_EQ(asked(auths, "harbor.example.com/other").scope, Scope::image);
}

TEST_F(StaticDockerConfig, an_image_without_an_entry_is_left_to_the_next_registry_entry) {
  EXPECT_THAT(asked({{"harbor.example.com", entry("u")}}, "quay.example.com/app"),
              StatusIs(Code::no_credentials, AllOf(HasSubstr(file), HasSubstr("quay.example.com/app"))));
}

TEST_F(StaticDockerConfig, L1_a_file_that_cannot_be_used_is_named_without_its_content) {
  const std::string image = "harbor.example.com/app";
  EXPECT_THAT(ask(json{{"dockerConfigFile", "/etc/none"}}.dump(), image),
              StatusIs(Code::bad_config, HasSubstr("settings.dockerConfigFile: ")));
  for (const std::string &content : {base64_encode(json{{"auths", {{"harbor.example.com", entry("u")}}}}.dump()),
                                     password, "[\"" + password + "\"]", std::string()}) {
    host.add_secret_file(file, content);
    const Outcome outcome = ask(settings.dump(), image);
    EXPECT_THAT(outcome, StatusIs(Code::bad_config, AllOf(HasSubstr("settings.dockerConfigFile: "),
                                                          HasSubstr("one JSON object, not in base64"))));
    expect_no_leak(outcome);
  }
  for (const auto &[auths, word] : std::vector<std::pair<json, const char *>>{
           {json::array(), "holds no object \"auths\""},
           {{{"harbor.example.com", {{"identitytoken", password}}}}, "an identitytoken"},
           {{{"harbor.example.com", {{"auth", base64_encode(password)}}}}, "not base64 of user:password"},
           {{{"harbor.example.com", entry("a\nb")}}, "is not one line of UTF-8"},
           {{{"harbor.example.com", {{"username", "u"}, {"password", password + "\n"}}}}, "is not one line of UTF-8"},
           {{{"harbor.example.com", {{"username", "a:b"}, {"password", password}}}}, "is not one line of UTF-8"}}) {
    const Outcome outcome = asked(auths, image);
    EXPECT_THAT(outcome, StatusIs(Code::bad_config, AllOf(HasSubstr(file), HasSubstr(word)))) << auths;
    expect_no_leak(outcome);
  }
}

TEST_F(StaticDockerConfig, create_takes_it_alone) {
  expect_settings({
      {settings, nullptr},
      {{{"dockerConfigFile", "pull-secret"}}, nullptr},
      {{{"dockerConfigFile", ""}}, "settings.dockerConfigFile: must be"},
      {{{"dockerConfigFile", std::string(4097, 'a')}}, "settings.dockerConfigFile: must be"},
      {{{"dockerConfigFile", nullptr}}, "settings.dockerConfigFile: must be a string"},
      {{{"dockerConfigFile", file}, {"username", "u"}},
       "settings.username: does not go with settings.dockerConfigFile"},
      {{{"dockerConfigFile", file}, {"registries", {"a.example.com"}}}, "settings.registries: does not go with"},
      {{{"dockerConfigFile", file}, {"credentials", json::array()}}, "settings.credentials: does not go with"},
  });
}

}  // namespace
}  // namespace regcred::test
