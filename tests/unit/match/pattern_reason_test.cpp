// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "match/pattern.hpp"

namespace regcred::core {
namespace {

std::string reason(std::string_view pattern, std::string_view image) {
  const ImageReference reference{std::string(image)};
  return describe_match(match_pattern(pattern, reference), pattern, reference);
}

TEST(PatternReason, says_what_does_not_fit) {
  struct Case {
    std::string_view pattern;
    std::string_view image;
    std::string_view reason;
  };
  const Case table[] = {
      {"docker.io", "docker.io/library/nginx", "matches"},
      {"docker.example.io", "docker.cloudsmith.io/a/b", "host label 2: \"cloudsmith\" is not \"example\""},
      {"app*.k8s.io", "web1.k8s.io/x", "host label 1: \"web1\" does not match \"app*\""},
      {"Reg.io", "reg.io/x", "host label 1: \"reg\" is not \"Reg\" (upper and lower case differ)"},
      {"reg.io", "a.reg.io/x", "the image's host has 3 labels, the pattern's 2"},
      {"*.io", "a.reg.io/x", "the image's host has 3 labels, the pattern's 2 (each \"*\" stays within one label)"},
      {"reg.io", "localhost/x", "the image's host has 1 label, the pattern's 2"},
      {"reg.io", "reg.io:443/x", "the image has port \"443\", the pattern has none"},
      {"reg.io:443", "reg.io/x", "the image has no port, the pattern has \"443\""},
      {"reg.io:443", "reg.io:5000/x", "port \"5000\" is not \"443\""},
      {"reg.io/foo", "reg.io/bar", "path \"/bar\" does not start with \"/foo\""},
      {"reg.io/*", "reg.io/bar", "path \"/bar\" does not start with \"/*\" (a \"*\" in a path is literal)"},
      {"https://reg.io", "reg.io/x", "a pattern has no scheme: remove everything up to and including ://"},
      {"https://reg.io", "localhost/x", "a pattern has no scheme: remove everything up to and including ://"},
      {"reg.io:*", "reg.io/x", "the pattern has a port that is not digits"},
      {"%zz@reg.io", "reg.io/x", "the pattern has a malformed part before its @"},
  };
  for (const auto &[pattern, image, expected] : table) EXPECT_EQ(reason(pattern, image), expected) << pattern;
}

TEST(PatternReason, shows_hostile_text_escaped_and_short) {
  const std::string text = reason("reg.io/\x1b[31m" + std::string(5000, 'x'), "reg.io/bar");
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  const std::string longer = reason("reg.io/" + std::string(5000, 'x'), "reg.io/bar");
  EXPECT_LT(longer.size(), 300U);
}

TEST(PatternReason, reports_the_first_misfit_from_left_to_right) {
  const ImageReference image("a.reg.io:5000/x");
  EXPECT_EQ(match_pattern("reg.io:1/y", image).outcome, MatchOutcome::label_count);
  EXPECT_EQ(match_pattern("b.reg.io:1/y", image).outcome, MatchOutcome::label);
  EXPECT_EQ(match_pattern("a.gcr.com:1/y", image).label, 2U);
  EXPECT_EQ(match_pattern("a.reg.io:1/y", image).outcome, MatchOutcome::port);
  EXPECT_EQ(match_pattern("a.reg.io:5000/y", image).outcome, MatchOutcome::path);
  EXPECT_EQ(match_pattern("a.reg.io:5000/x", image).outcome, MatchOutcome::matches);
  EXPECT_EQ(match_pattern("u%@a.reg.io:5000/x", image).outcome, MatchOutcome::unusable);
}

}  // namespace
}  // namespace regcred::core
