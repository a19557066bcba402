// SPDX-License-Identifier: Apache-2.0
#include "config/settings_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// The value as JSON, or the first finding.
std::string json_of(const std::string &value) {
  const Result<YamlNode> tree = parse_yaml("k: " + value, "f");
  if (!tree) return refusal(tree);
  ConfigErrors findings("f");
  const std::string json = to_json(*tree->find("k"), findings).dump();
  if (findings.all().empty()) return json;
  const Error &error = findings.all().front();
  return error.where + ": " + error.what + "; " + error.cure;
}

// YAML 1.2, section 10.3.2.
TEST(SettingsJson, core_schema) {
  struct Case {
    std::string yaml;
    std::string json;
  };
  const Case table[] = {
      {"", "null"},
      {"~", "null"},
      {"null", "null"},
      {"Null", "null"},
      {"NULL", "null"},
      {"nULL", R"("nULL")"},
      {"true", "true"},
      {"True", "true"},
      {"TRUE", "true"},
      {"tRUE", R"("tRUE")"},
      {"false", "false"},
      {"False", "false"},
      {"FALSE", "false"},
      {"yes", R"("yes")"},
      {"no", R"("no")"},
      {"on", R"("on")"},
      {"off", R"("off")"},
      {"y", R"("y")"},
      {"0", "0"},
      {"-0", "0"},
      {"+5", "5"},
      {"-19", "-19"},
      {"007", "7"},
      {"0o17", "15"},
      {"0o18", R"("0o18")"},
      {"0o", R"("0o")"},
      {"0x1F", "31"},
      {"0x1f", "31"},
      {"0X1F", R"("0X1F")"},
      {"0x", R"("0x")"},
      {"-0x1F", R"("-0x1F")"},
      {"0b11", R"("0b11")"},
      {"1_000", R"("1_000")"},
      {"1:30", R"("1:30")"},
      {"2001-12-14", R"("2001-12-14")"},
      {"18446744073709551615", "18446744073709551615"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"0xFFFFFFFFFFFFFFFF", "18446744073709551615"},
      {"1.5", "1.5"},
      {"-1.5", "-1.5"},
      {"+1.5", "1.5"},
      {".5", "0.5"},
      {"-.5", "-0.5"},
      {"1.", "1.0"},
      {"1e3", "1000.0"},
      {"1E+3", "1000.0"},
      {"12e-1", "1.2"},
      {".", R"(".")"},
      {"+", R"("+")"},
      {"1e", R"("1e")"},
      {"e1", R"("e1")"},
      {".e1", R"(".e1")"},
      {"1.2.3", R"("1.2.3")"},
      {"1.2.3.4", R"("1.2.3.4")"},
      {"++1", R"("++1")"},
      {"'1'", R"("1")"},
      {"\"true\"", R"("true")"},
      {"'null'", R"("null")"},
      {"''", R"("")"},
      {"! 1", R"("1")"},
      {"|\n  1\n", R"("1\n")"},
      {"infinity", R"("infinity")"},
      {"nan", R"("nan")"},
      {"acme", R"("acme")"},
      {"\u00e9", "\"\u00e9\""},
      {R"("\x00\u001b")", R"("\u0000\u001b")"},
      {"[]", "[]"},
      {"{}", "{}"},
      {"[1, '1', ~, [x]]", R"([1,"1",null,["x"]])"},
      {"{b: 1, a: {c: true}}", R"({"b":1,"a":{"c":true}})"},
      {"{1: a, true: b}", R"({"1":"a","true":"b"})"},
  };
  for (const auto &[yaml, json] : table) EXPECT_EQ(json_of(yaml), json) << yaml;
}

TEST(SettingsJson, refuses_numbers_that_json_or_64_bits_cannot_hold) {
  struct Case {
    std::string yaml;
    std::string start;
  };
  const Case table[] = {
      {"18446744073709551616", "f:1:4: a number beyond 64 bits"},
      {"-9223372036854775809", "f:1:4: a number beyond 64 bits"},
      {"0x10000000000000000", "f:1:4: a number beyond 64 bits"},
      {"0o7777777777777777777777", "f:1:4: a number beyond 64 bits"},
      {"1e400", "f:1:4: a number beyond a double's range"},
      {".inf", "f:1:4: an infinity or NaN"},
      {"-.INF", "f:1:4: an infinity or NaN"},
      {"+.Inf", "f:1:4: an infinity or NaN"},
      {".nan", "f:1:4: an infinity or NaN"},
      {".NaN", "f:1:4: an infinity or NaN"},
      {"[1, {a: .inf}]", "f:1:12: an infinity or NaN"},
  };
  for (const auto &[yaml, start] : table) {
    EXPECT_THAT(json_of(yaml), StartsWith(start)) << yaml;
    EXPECT_THAT(json_of(yaml), HasSubstr("quotes")) << yaml;
  }
  for (const std::string quoted : {"'18446744073709551616'", "'.inf'", "'1e400'"}) {
    EXPECT_EQ(json_of(quoted).front(), '"') << quoted;
  }
}

}  // namespace
}  // namespace regcred::core
