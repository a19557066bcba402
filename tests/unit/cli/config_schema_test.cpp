// SPDX-License-Identifier: Apache-2.0
// `regcred generate schema`: for editors, what the parser takes; with the settings of each backend.
#include "cli/generate/config_schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "config/settings_schema.hpp"
#include "support/process.hpp"

namespace regcred::core {
namespace {

using nlohmann::json;
using ::testing::Contains;

const std::string &generated() {
  static const std::string text = regcred::testing::run_process({{REGCRED_PROGRAM, "generate", "schema"}, "", {}}).out;
  return text;
}

json document(const json &entry) {
  return {{"apiVersion", "regcred/v1"}, {"kind", "RegistryConfig"}, {"registries", json::array({entry})}};
}
json entry(const std::string &backend, const json &settings) {
  return {{"name", "a"}, {"matchImages", {"reg.io"}}, {"backend", backend}, {"settings", settings}};
}

TEST(ConfigSchema, knows_the_settings_of_every_backend) {
  const std::pair<json, bool> table[] = {
      {entry("cloudsmith", {{"orgSlug", "acme"}}), true},
      {entry("cloudsmith", {{"orgslug", "acme"}}), false},
      {entry("cloudsmith", {{"orgSlug", 1}}), false},
      {entry("oidc", {{"mode", "passThrough"}, {"username", "u"}, {"registryHosts", {"reg.io"}}}), true},
      {entry("oidc", {{"mode", "passThrough"}}), false},
      {entry("static", {{"username", "u"}, {"passwordFile", "/p"}}), true},
      {entry("static", {{"username", "u"}, {"password", "p"}}), false},
      {entry("acme-own", {{"anything", 1}}), true},  // a backend that is not installed here
  };
  for (const auto &[row, valid] : table) {
    const auto violations = SettingsSchema(generated()).violations(document(row).dump());
    ASSERT_TRUE(violations) << violations.error().what;
    EXPECT_EQ(violations->empty(), valid) << row;
  }
}

TEST(ConfigSchema, offers_the_names_of_the_backends) {
  const json schema = json::parse(generated());
  const json &names = schema["properties"]["registries"]["items"]["properties"]["backend"]["examples"];
  EXPECT_THAT(names, Contains("cloudsmith"));
  EXPECT_THAT(names, Contains("static"));
}

TEST(ConfigSchema, leaves_out_a_backend_that_cannot_be_used) {
  SurveyedBackend broken;
  broken.name = "broken";
  broken.error = Error{ErrorCode::backend_load, "broken.so", "is not trusted", "chmod"};
  SurveyedBackend good;
  good.name = "good";
  good.settings_schema = R"({"$schema": "x", "type": "object"})";
  const auto text =
      schema_with_backends(R"({"properties": {"registries": {"items": {"properties": {}}}}})", {broken, good});
  ASSERT_TRUE(text);
  const json rules = json::parse(*text)["properties"]["registries"]["items"]["allOf"];
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0]["if"]["properties"]["backend"]["const"], "good");
  EXPECT_FALSE(schema_with_backends("{}", {good}));
}

}  // namespace
}  // namespace regcred::core
