// SPDX-License-Identifier: Apache-2.0
#include "unit/match/go_rules.hpp"

#include <gtest/gtest.h>

#include <span>

#include "unit/match/pattern_cases.hpp"

namespace {

// The judge must be right before it judges.
void expect_table(std::span<const pattern_cases::Case> table) {
  for (const auto &[pattern, image, matches] : table) {
    const auto glob = go_rules::parse(std::string(pattern));
    const auto target = go_rules::parse(std::string(image));
    EXPECT_EQ(glob && target && go_rules::match(*glob, *target), matches)
        << "pattern " << pattern << " image " << image;
  }
}

TEST(GoRules, M1_the_judge_gives_the_kubelets_own_table) { expect_table(pattern_cases::upstream); }

TEST(GoRules, M1_the_judge_gives_the_derived_cases) { expect_table(pattern_cases::derived); }

TEST(GoRules, the_judge_knows_all_operators_of_a_glob) {
  EXPECT_TRUE(go_rules::glob_matches("a?c", "abc"));
  EXPECT_TRUE(go_rules::glob_matches("[a-c]x", "bx"));
  EXPECT_TRUE(go_rules::glob_matches("[^a]x", "bx"));
  EXPECT_TRUE(go_rules::glob_matches("\\*", "*"));
  EXPECT_FALSE(go_rules::glob_matches("\\*", "a"));
  EXPECT_FALSE(go_rules::glob_matches("[a", "a"));
  EXPECT_FALSE(go_rules::glob_matches("[]a]", "a"));
  EXPECT_FALSE(go_rules::glob_matches("*", "a/b"));
}

}  // namespace
