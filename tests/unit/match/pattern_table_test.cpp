// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <span>

#include "match/pattern.hpp"
#include "unit/match/pattern_cases.hpp"

namespace regcred::core {
namespace {

void expect_table(std::span<const pattern_cases::Case> table) {
  for (const auto &[pattern, image, matches] : table) {
    EXPECT_EQ(match_pattern(pattern, ImageReference(std::string(image))).matches(), matches)
        << "pattern " << pattern << " image " << image;
  }
}

TEST(Pattern, M1_matches_the_kubelets_own_table) { expect_table(pattern_cases::upstream); }

TEST(Pattern, M1_matches_the_cases_derived_from_the_rules) { expect_table(pattern_cases::derived); }

TEST(Pattern, accepts_what_the_kubelet_accepts_at_startup) {
  for (const std::string_view pattern : {"",
                                         "reg.io",
                                         "*.reg.io",
                                         "reg.io:",
                                         "reg.io:5000",
                                         ":5000",
                                         "https://reg.io",
                                         "reg.io/*",
                                         "reg.io/a b",
                                         "user:pass@reg.io",
                                         "reg.io/x?%zz",
                                         "reg.io#",
                                         "[::1]",
                                         "[::1]:5000",
                                         "[fe80::1%25eth0]:5000",
                                         "*",
                                         "a]b",
                                         "reg.io/%2a",
                                         "%C3%A9.io",
                                         "\xC3\xA9.io",
                                         "xn--bcher-kva.example",
                                         "REG.io",
                                         "reg.io.",
                                         "-a.io"}) {
    EXPECT_TRUE(validate_pattern(pattern)) << pattern;
  }
}

TEST(Pattern, refuses_what_the_kubelet_refuses_at_startup) {
  struct Case {
    std::string_view pattern;
    std::string_view what;
  };
  const Case table[] = {
      {"%invalid%", "bad escape"},
      {"re g.io", "a space"},
      {"reg.io/%zz", "percent sign"},
      {"reg.io/%a", "percent sign"},
      {"reg.io/x#%", "percent sign"},
      {"reg.io:*", "port"},
      {"reg.io:5000x", "port"},
      {"a:1:2", "port"},
      {"reg.io:5000:", "port"},
      {"[::1]:x", "port"},
      {"[a-z]eg.io", "brackets"},
      {"re[g].io", "brackets"},
      {"[::1", "brackets"},
      {"[1.2.3.4]", "brackets"},
      {"[fe80::1%25]", "brackets"},
      {"[fe80::1%25%C3]", "brackets"},
      {"reg\\.io", "character"},
      {"reg.io\n", "control"},
      {"reg\x7f.io", "control"},
      {std::string_view("reg\0.io", 7), "control"},
      {"us er@reg.io", "before its @"},
      {"u%zz@reg.io", "before its @"},
      {"%41.io", "bad escape"},
      {"reg.io/\t", "control"},
      {"{reg,gcr}.io", "character"},
      {"reg.io|gcr.io", "character"},
  };
  for (const auto &[pattern, what] : table) {
    const Status status = validate_pattern(pattern);
    ASSERT_FALSE(status) << pattern;
    EXPECT_EQ(status.error().code, ErrorCode::config);
    EXPECT_NE(status.error().what.find(what), std::string::npos) << pattern << ": " << status.error().what;
    EXPECT_FALSE(status.error().cure.empty());
    EXPECT_EQ(status.error().where.substr(0, 9), "pattern \"");
  }
}

TEST(Pattern, a_pattern_without_a_path_covers_its_registry) {
  for (const std::string_view pattern : {"reg.io", "reg.io/", "*.reg.io:5000", "reg.io?a/b", "reg.io/#x"}) {
    EXPECT_TRUE(pattern_covers_registry(pattern)) << pattern;
  }
  for (const std::string_view pattern : {"reg.io/a", "reg.io//", "reg.io/*", "reg.io/%2f"}) {
    EXPECT_FALSE(pattern_covers_registry(pattern)) << pattern;
  }
}

// A backtracking matcher needs longer than the age of the universe for this.
TEST(Pattern, H5_many_stars_cost_no_exponential_time) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  pattern += "*b.io";
  const ImageReference image(std::string(250, 'a') + ".io/x");
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(match_pattern(pattern, image).matches());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

}  // namespace
}  // namespace regcred::core
