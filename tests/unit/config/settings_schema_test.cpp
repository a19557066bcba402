// SPDX-License-Identifier: Apache-2.0
#include "config/settings_schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char *schema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false,
  "required": ["org"], "oneOf": [{"required": ["user"]}, {"required": ["userField"]}],
  "properties": {
    "org": {"type": "string", "pattern": "^[a-z]+$", "description": "The organisation."},
    "user": {"type": "string"}, "userField": {"type": "string"},
    "hosts": {"type": "array", "items": {"type": "string", "pattern": "^[a-z.]+$"}},
    "mode": {"enum": ["a", "b"]},
    "headers": {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}, "additionalProperties": {"type": "string"}}
  }})";

// "PATH: WHAT" of each violation.
std::vector<std::string> violations(const std::string &settings) {
  const auto found = SettingsSchema(schema).violations(settings);
  EXPECT_TRUE(found) << found.error().what;
  std::vector<std::string> lines;
  for (const SchemaViolation &item : found.value_or(std::vector<SchemaViolation>{})) {
    lines.push_back(item.path + ": " + item.what);
  }
  return lines;
}

TEST(SettingsSchema, names_the_setting_and_the_rule) {
  EXPECT_THAT(violations(R"({"org": "acme", "user": "x", "hosts": ["a.b"], "headers": {"x": "y"}})"), IsEmpty());
  EXPECT_THAT(violations(R"({"org": "A", "user": "x"})"),
              ElementsAre("org: is not of the form that the backend asks for"));
  EXPECT_THAT(violations(R"({"org": 1, "user": "x"})"), ElementsAre("org: is a number or a boolean, expected text"));
  EXPECT_THAT(violations(R"({"org": "a", "user": "x", "hosts": ["a", "B"]})"),
              ElementsAre("hosts/1: is not of the form that the backend asks for"));
  EXPECT_THAT(violations(R"({"org": "a", "user": "x", "headers": {"k": 1}})"),
              ElementsAre("headers/k: is a number or a boolean, expected text"));
  EXPECT_THAT(violations(R"({"org": "a", "user": "x", "headers": {"A B": "x"}})"),
              ElementsAre("headers: breaks a rule of the schema"));
  EXPECT_THAT(violations(R"({"org": "a", "user": "x", "mode": "c"})"),
              ElementsAre("mode: is none of the possible values"));
  EXPECT_THAT(violations(R"({"org": "a", "user": "x", "Mode": "a"})"),
              ElementsAre("Mode: is not a setting of this backend; did you mean mode?"));
  EXPECT_THAT(violations(R"({"org": "a"})"), ElementsAre(": fit none of the alternatives in the backend's schema"));
  EXPECT_THAT(violations(R"({"user": "x"})"), ElementsAre(": lack 'org'"));
  EXPECT_THAT(violations(R"({"org": "a", "user": "x", "userField": "y"})"),
              ElementsAre(": fit more than one of the alternatives in the backend's schema"));
}

TEST(SettingsSchema, brings_the_description_and_every_setting) {
  const auto found = SettingsSchema(schema).violations(R"({"org": 1, "user": 2, "nope": 3})");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3U);
  EXPECT_TRUE((*found)[0].is_unknown_key);
  EXPECT_EQ((*found)[1].path, "org");
  EXPECT_EQ((*found)[1].description, "The organisation.");
}

TEST(SettingsSchema, a_schema_that_is_none_is_the_backends_fault) {
  for (const char *broken : {R"({"type": "nonsense"})", R"({"properties": {"org": {"pattern": "["}}})", "[]", "x"}) {
    const auto found = SettingsSchema(broken).violations(R"({"org": "a"})");
    ASSERT_FALSE(found) << broken;
    EXPECT_EQ(found.error().code, ErrorCode::backend_load);
  }
}

}  // namespace
}  // namespace regcred::core
