// SPDX-License-Identifier: Apache-2.0
// The settings: what create() takes and refuses, and that its JSON Schema says the same.
#include "backends/quay/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;

json many(const char *before, const char *behind, std::size_t count) {
  json list = json::array();
  for (std::size_t i = 0; i < count; ++i) list.push_back(before + std::to_string(i) + behind);
  return list;
}

// The smallest good settings and one more.
json with(const char *key, json value) {
  json settings = {{"robot", "acme+puller"}};
  settings[key] = std::move(value);
  return settings;
}

std::vector<Setting> settings_table() {
  const std::string long_name(255, 'a');
  return {
      {{{"robot", "acme+puller"}}, nullptr},
      {{{"robot", "Acme.x-1_y+puller_1"}}, nullptr},
      {{{"robot", long_name + "+" + long_name}}, nullptr},
      {{{"robot", long_name + "a+b"}}, "settings.robot", true},
      {{{"robot", "acme"}}, "settings.robot: \"acme\" is not a robot"},
      {{{"robot", ""}}, "settings.robot"},
      {{{"robot", "acme+"}}, "settings.robot"},
      {{{"robot", "acme+a+b"}}, "settings.robot"},
      {{{"robot", "acme+*"}}, "settings.robot"},
      {{{"robot", "acme+a:b"}}, "settings.robot"},
      {{{"robot", "acme+a\n"}}, "settings.robot"},
      {{{"robot", 1}}, "settings.robot: must be a string"},
      {{{"robot", nullptr}}, "settings.robot: must be a string"},
      {json::object(), "settings.robot: is missing"},
      {{{"apiHost", "quay.example.com"}}, "settings.robot: is missing"},
      {{{"allowedRobots", {"acme+ci", "acme+*"}}}, nullptr},
      {{{"allowedRobots", {"acme+ci"}}, {"apiHost", "q.example.com"}, {"registryHosts", {"q.example.com"}}}, nullptr},
      {with("allowedRobots", many("acme+r", "", 256)), nullptr},
      {with("allowedRobots", many("acme+r", "", 257)), "more than 256"},
      {with("allowedRobots", json::array()), nullptr},
      {{{"allowedRobots", json::array()}}, "settings.robot: is missing", true},
      {with("allowedRobots", {"*"}), "settings.allowedRobots: \"*\" is not a robot"},
      {with("allowedRobots", {"*+*"}), "settings.allowedRobots"},
      {with("allowedRobots", {"*+ci"}), "settings.allowedRobots"},
      {with("allowedRobots", {"acme+c*"}), "settings.allowedRobots"},
      {with("allowedRobots", {"+*"}), "settings.allowedRobots"},
      {with("allowedRobots", "acme+ci"), "settings.allowedRobots: must be a list of strings"},
      {with("apiHost", "Quay.example.com:8443"), nullptr},
      {with("apiHost", "https://quay.example.com"), "without https://"},
      {with("apiHost", "http://quay.example.com"), "without https://"},
      {with("apiHost", "quay.example.com/"), "settings.apiHost"},
      {with("apiHost", "u@quay.example.com"), "settings.apiHost"},
      {with("apiHost", "quay.example.com:0"), "settings.apiHost"},
      {with("apiHost", "quay.example.com:65536"), "settings.apiHost", true},
      {with("apiHost", "quay..example.com"), "settings.apiHost", true},
      {with("apiHost", ""), "settings.apiHost"},
      {with("apiHost", false), "settings.apiHost: must be a string"},
      {with("registryHosts", {"quay.example.com", "R.example.com:5000", "*.x.example.com"}), nullptr},
      {with("registryHosts", many("h", ".example.com", 64)), nullptr},
      {with("registryHosts", many("h", ".example.com", 65)), "more than 64"},
      {with("registryHosts", json::array()), nullptr},
      {with("registryHosts", {"*.com"}), "settings.registryHosts"},
      {with("registryHosts", {"quay.example.com/acme"}), "settings.registryHosts"},
      {with("registryHosts", "quay.example.com"), "settings.registryHosts: must be a list of strings"},
      {with("plainHttp", true), "settings.plainHttp: unknown setting"},
      {json::array(), "settings must be a mapping"},
  };
}

TEST_F(Quay, create_takes_and_refuses_settings_as_its_schema_does) { expect_settings(settings_table()); }

TEST_F(Quay, the_schema_names_the_settings_that_create_reads) {
  expect_schema_names_all({{"robot", "a+b"}});
  const json schema = json::parse(settings_schema(backend()));
  EXPECT_EQ(schema["properties"]["apiHost"]["default"], "quay.io");
}

}  // namespace
}  // namespace regcred::test
