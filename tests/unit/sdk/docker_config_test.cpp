// SPDX-License-Identifier: Apache-2.0
// Docker configurations: which entry is for an image, and what makes a file or an entry useless.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/base64.hpp>
#include <regcred/docker_config.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred {
namespace {

using nlohmann::json;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

json entry(const std::string &both) { return {{"auth", base64_encode(both)}}; }
json config(json auths) { return {{"auths", std::move(auths)}}; }

// The username for registry/path; "none" when there is no entry.
std::string user_of(const json &auths, const char *registry, const char *path = "team/app") {
  const auto found = docker_auth(config(auths), registry, path);
  if (!found) return found.error().text;
  return *found ? (*found)->username : "none";
}

TEST(DockerConfig, an_entry_holds_username_and_password_in_either_form) {
  for (const json &one : {entry("robot$ci:pa:ss word"), json{{"username", "robot$ci"}, {"password", "pa:ss word"}},
                          json{{"auth", ""}, {"username", "robot$ci"}, {"password", "pa:ss word"}},
                          json{{"auth", base64_encode("robot$ci:pa:ss word")}, {"username", "x"}, {"password", "y"}}}) {
    const auto found = docker_auth(config({{"a.example.com", one}}), "a.example.com", "app");
    ASSERT_TRUE(found && *found) << one;
    EXPECT_EQ((*found)->username, "robot$ci");
    EXPECT_EQ((*found)->password.reveal(), "pa:ss word");
    EXPECT_EQ((*found)->path, "");
    EXPECT_EQ((*found)->scope, Scope::registry);
  }
  EXPECT_EQ(user_of({{"a.example.com", {{"auth", "dTpwdw"}}}}, "a.example.com"), "u");  // without its padding
}

TEST(DockerConfig, names_of_a_registry_are_read_as_the_kubelet_reads_them) {
  for (const char *name : {"a.example.com", "https://a.example.com", "http://a.example.com/", "a.example.com/v1/",
                           "https://a.example.com/v2/", "https://a.example.com/v1", "A.Example.com"}) {
    EXPECT_EQ(user_of({{name, entry("u:p")}}, "a.example.com"), "u") << name;
  }
  EXPECT_EQ(user_of({{"https://index.docker.io/v1/", entry("u:p")}}, "docker.io", "library/nginx"), "u");
  EXPECT_EQ(user_of({{"docker.io", entry("u:p")}}, "docker.io"), "u");
  EXPECT_EQ(user_of({{"[::1]:5000", entry("u:p")}}, "[0:0::1]:5000"), "u");
  for (const char *name : {"b.example.com", "a.example.com:5000", "a.example.com.evil.net", "*.example.com",
                           "example.com", "ftp://a.example.com", "", "/", "https://"}) {
    EXPECT_EQ(user_of({{name, entry("u:p")}}, "a.example.com"), "none") << name;
  }
  EXPECT_EQ(user_of({{"", entry("u:p")}}, ""), "none");
}

TEST(DockerConfig, M2b_the_longest_path_counts_and_then_the_answer_is_for_the_image_only) {
  const json auths = {{"a.example.com", entry("all:p")},
                      {"https://a.example.com/v2/team", entry("team:p")},
                      {"a.example.com/team/app", entry("app:p")},
                      {"b.example.com", entry("b:p")}};
  EXPECT_EQ(user_of(auths, "a.example.com", "team/app"), "app");
  EXPECT_EQ(user_of(auths, "a.example.com", "team/app/more"), "app");
  EXPECT_EQ(user_of(auths, "a.example.com", "team/application"), "team");
  EXPECT_EQ(user_of(auths, "a.example.com", "teams/app"), "all");
  EXPECT_EQ(user_of(auths, "a.example.com", ""), "all");
  const auto divided = docker_auth(config(auths), "a.example.com", "other");
  EXPECT_EQ((*divided)->scope, Scope::image);
  const auto of_team = docker_auth(config(auths), "a.example.com", "team/x");
  EXPECT_EQ((*of_team)->path, "team");
  EXPECT_EQ((*of_team)->scope, Scope::image);
  EXPECT_EQ((*docker_auth(config(auths), "b.example.com", "x"))->scope, Scope::registry);
  EXPECT_EQ(user_of({{"a.example.com/team", entry("team:p")}}, "a.example.com", "other/app"), "none");
}

TEST(DockerConfig, of_two_names_for_one_registry_the_plain_one_counts) {
  const json auths = {{"a.example.com/v1/", entry("v1:p")},
                      {"a.example.com", entry("plain:p")},
                      {"https://a.example.com", entry("https:p")}};
  EXPECT_EQ(user_of(auths, "a.example.com"), "plain");
  EXPECT_EQ(user_of({{"http://a.example.com", entry("1:p")}, {"https://a.example.com", entry("2:p")}}, "a.example.com"),
            "1");
}

TEST(DockerConfig, L1_what_cannot_be_used_is_said_without_a_secret) {
  for (const json &bad : {json{{"auths", json::array()}}, json::object(), json{{"a.example.com", entry("u:p")}}}) {
    EXPECT_THAT(docker_auth(bad, "a.example.com", "x"), StatusIs(Code::bad_config, HasSubstr("no object \"auths\"")));
  }
  for (const auto &[bad, word] :
       std::vector<std::pair<json, const char *>>{{7, "is not an object"},
                                                  {json::object(), "no username and password"},
                                                  {{{"auth", 7}}, "no username and password"},
                                                  {{{"identitytoken", "canary-canary-canary"}}, "an identitytoken"},
                                                  {entry("canary-canary-canary"), "not base64 of user:password"},
                                                  {{{"auth", "canary canary canary"}}, "not base64 of user:password"},
                                                  {entry(":canary-canary-canary"), "no username and password"},
                                                  {entry("canary-canary-canary:"), "no username and password"},
                                                  {{{"username", "u"}}, "no username and password"}}) {
    EXPECT_THAT(docker_auth(config({{"a.example.com", bad}, {"b.example.com", 7}}), "a.example.com", "x"),
                StatusIs(Code::bad_config,
                         AllOf(HasSubstr("the entry \"a.example.com\""), HasSubstr(word), Not(HasSubstr("canary")))))
        << bad;
  }
}

}  // namespace
}  // namespace regcred
