// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "common/limits.hpp"
#include "config/yaml_tree.hpp"
#include "unit/config/fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string outcome(const std::string &text) { return refusal(parse_yaml(text, "f")); }

std::size_t depth(const YamlNode &node) {
  std::size_t deepest = 0;
  for (const YamlNode &item : node.items) deepest = std::max(deepest, depth(item));
  return deepest + 1;
}

TEST(YamlLimits, H5_depth) {
  const auto nested = [](std::size_t levels) { return repeated("[", levels) + repeated("]", levels); };
  EXPECT_EQ(outcome(nested(limits::yaml_depth_max)), "accepted");
  EXPECT_THAT(outcome(nested(limits::yaml_depth_max + 1)), StartsWith("f:1:33: nested deeper than 32 levels"));
  EXPECT_THAT(outcome(repeated("- ", 100'000) + "a"), HasSubstr("nested deeper"));
  EXPECT_THAT(outcome(repeated("{a: ", 40) + repeated("}", 40)), HasSubstr("nested deeper"));
}

// Each alias is shallow where it stands, but stands for a value that holds the one before.
TEST(YamlLimits, H5_depth_counts_through_aliases) {
  const std::string open = repeated("[", 10);
  const std::string close = repeated("]", 10);
  std::string text = "- &a0 " + open + "x" + close + "\n";
  text += "- &a1 " + open + "*a0" + close + "\n";
  const Result<YamlNode> tree = parse_yaml(text, "f");
  ASSERT_TRUE(tree) << refusal(tree);
  EXPECT_EQ(depth(*tree), 22U);  // the list, 20 brackets, x
  for (int i = 2; i < 200; ++i) {
    text += "- &a" + std::to_string(i) + " " + open + "*a" + std::to_string(i - 1) + close + "\n";
  }
  EXPECT_THAT(outcome(text), StartsWith("f:4:17: nested deeper than 32 levels"));
}

TEST(YamlLimits, H5_alias_bomb) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + repeated(", " + before, 8) + "]\n";
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(outcome(text), HasSubstr("more than 2000000 values"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(YamlLimits, H5_number_of_aliases_and_anchors) {
  const auto aliases = [](std::size_t count) { return "a: &a x\nb:\n" + repeated("- *a\n", count); };
  EXPECT_EQ(outcome(aliases(limits::yaml_aliases_max)), "accepted");
  EXPECT_THAT(outcome(aliases(limits::yaml_aliases_max + 1)), StartsWith("f:259:3: more than 256 aliases"));

  const auto anchors = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "- &a" + std::to_string(i) + " x\n";
    return text;
  };
  EXPECT_EQ(outcome(anchors(limits::yaml_aliases_max)), "accepted");
  EXPECT_THAT(outcome(anchors(limits::yaml_aliases_max + 1)), StartsWith("f:257:3: more than 256 anchors"));
}

// Each anchor keeps a copy of what it names: 25 around one list are 25 copies of it.
TEST(YamlLimits, H5_anchors_around_anchors_count_each_time) {
  std::string text;
  for (std::size_t i = 0; i < 25; ++i) text += repeated("  ", i) + "- &a" + std::to_string(i) + "\n";
  EXPECT_THAT(outcome(text + repeated(repeated("  ", 25) + "- x\n", 100'000)), HasSubstr("more than 2000000 values"));
}

// A parser that must see the end of a bracketed value or a text before it tells of it keeps all of it in memory.
TEST(YamlLimits, H5_look_ahead_ends_fast) {
  constexpr std::size_t beyond = limits::yaml_lookahead_bytes_max + (64U << 10U);
  const std::string texts[] = {
      repeated("[", 16U << 20U),      repeated("{", beyond),
      repeated("[]", beyond),         repeated("a:", beyond),
      repeated("&a ", beyond),        "'" + repeated("x", beyond),
      "|\n " + repeated("x", beyond), "[" + repeated("x,", beyond) + "]",
      repeated("\"", beyond),
  };
  for (const std::string &text : texts) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(outcome(text), StartsWith("f:1:1: here or below")) << text.substr(0, 10);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << text.substr(0, 10);
  }
}

TEST(YamlLimits, H5_long_files_of_short_values_are_no_matter) {
  const std::string text = repeated("- {name: abc, list: [a, b, c], text: \"some text, some text\"}\n", 30'000);
  ASSERT_GT(text.size(), limits::yaml_lookahead_bytes_max);
  EXPECT_EQ(outcome(text), "accepted");
}

TEST(YamlLimits, H5_endless_repetitions_end) {
  for (const std::string piece :
       {",", ",\n", "[],", "[],\n", "]", "}", "? ", "- ", ": ", "---\n", "...\n", "!", "*", "\n", "%"}) {
    const auto start = std::chrono::steady_clock::now();
    static_cast<void>(parse_yaml(repeated(piece, 300'000), "f"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << piece;
  }
}

}  // namespace
}  // namespace regcred::core
