// SPDX-License-Identifier: Apache-2.0
// The settings: what create() takes and refuses, and that its JSON Schema says the same.
#include "backends/harbor/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;

json many(const char *ending, std::size_t count) {
  json list = json::array();
  for (std::size_t i = 0; i < count; ++i) list.push_back("h" + std::to_string(i) + ending);
  return list;
}

json with_audiences(json audiences) { return {{"registryHosts", {"h.example.com"}}, {"audiences", audiences}}; }

std::vector<Setting> settings_table() {
  return {
      {json::object(), nullptr},
      {{{"username", "robot"}}, nullptr},
      {{{"username", ""}}, "settings.username"},
      {{{"username", "a:b"}}, "settings.username"},
      {{{"username", "a\r\nb"}}, "settings.username"},
      {{{"username", std::string(257, 'u')}}, "settings.username"},
      {{{"username", 1}}, "settings.username: must be a string"},
      {{{"username", nullptr}}, "settings.username: must be a string"},
      {{{"registryHosts", {"harbor.example.com", "R.example.com:5000"}}, {"username", "u"}}, nullptr},
      {{{"registryHosts", many(".example.com", 64)}}, nullptr},
      {{{"registryHosts", many(".example.com", 65)}}, "more than 64"},
      {{{"registryHosts", json::array()}}, nullptr},
      {{{"registryHosts", {"*.example.com"}}}, nullptr},
      {{{"registryHosts", {"*.com"}}}, "settings.registryHosts: \"*.com\" is not a host"},
      {{{"registryHosts", {"https://harbor.example.com"}}}, "settings.registryHosts"},
      {{{"registryHosts", {"harbor.example.com/team"}}}, "settings.registryHosts"},
      {{{"registryHosts", {""}}}, "settings.registryHosts"},
      {{{"registryHosts", {"a..b"}}}, "settings.registryHosts", true},
      {{{"registryHosts", {"a:65536"}}}, "settings.registryHosts", true},
      {{{"registryHosts", "harbor.example.com"}}, "settings.registryHosts: must be a list of strings"},
      {{{"registryHosts", {1}}}, "settings.registryHosts: must be a list of strings"},
      {with_audiences({"harbor-pulls", "https://harbor.example.com/"}), nullptr},
      {with_audiences(many("", 16)), nullptr},
      {with_audiences(many("", 17)), "more than 16"},
      {with_audiences(json::array()), nullptr},
      {with_audiences({""}), "settings.audiences: \"\" is not an audience"},
      {with_audiences({"a b"}), "settings.audiences"},
      {with_audiences({"a\n"}), "settings.audiences"},
      {with_audiences({"\xc3\xa4"}), "settings.audiences"},
      {with_audiences({std::string(257, 'a')}), "settings.audiences"},
      {with_audiences("harbor-pulls"), "settings.audiences: must be a list of strings"},
      {{{"audiences", {"harbor-pulls"}}}, "settings.audiences: needs settings.registryHosts"},
      {{{"audiences", {"harbor-pulls"}}, {"username", "u"}}, "settings.audiences: needs settings.registryHosts"},
      {{{"audiences", {"harbor-pulls"}}, {"registryHosts", json::array()}}, "needs settings.registryHosts", true},
      {{{"cacheDuration", "1h"}}, "settings.cacheDuration: unknown setting"},
      {json::array(), "settings must be a mapping"},
  };
}

TEST_F(Harbor, create_takes_and_refuses_settings_as_its_schema_does) { expect_settings(settings_table()); }

TEST_F(Harbor, the_schema_names_the_settings_that_create_reads) {
  expect_schema_names_all(json::object());
  const json schema = json::parse(settings_schema(backend()));
  EXPECT_EQ(schema["properties"]["username"]["default"], "jwt");
}

TEST_F(Harbor, the_username_is_the_operators) {
  const Outcome outcome = ask(R"({"username":"robot$pulls"})", pod_token);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).username, "robot$pulls");
}

}  // namespace
}  // namespace regcred::test
