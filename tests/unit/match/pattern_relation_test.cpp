// SPDX-License-Identifier: Apache-2.0
#include "match/pattern_relation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "match/pattern.hpp"

namespace regcred::core {
namespace {

struct Row {
  const char *wide;
  const char *narrow;
  bool covers;
  bool overlap;
};

TEST(PatternRelation, by_hand) {
  const Row table[] = {
      {"reg.io", "reg.io", true, true},
      {"reg.io", "reg.io/team", true, true},
      {"reg.io/team", "reg.io", false, true},
      {"reg.io/team", "reg.io/teamwork", true, true},
      {"reg.io/a", "reg.io/b", false, false},
      {"*.io", "reg.io", true, true},
      {"reg.io", "*.io", false, true},
      {"*.io", "a.b.io", false, false},
      {"*.*", "*.io", true, true},
      {"a*.io", "*b.io", false, true},
      {"a*.io", "b*.io", false, false},
      {"*a*.io", "b*a.io", true, true},
      {"reg.io:443", "reg.io", false, false},
      {"reg.io:443", "reg.io:443/x", true, true},
      {"reg.io/%61", "reg.io/ab", true, true},
      {"reg.io", "REG.io", false, false},
  };
  for (const Row &row : table) {
    EXPECT_EQ(pattern_covers(row.wide, row.narrow), row.covers) << row.wide << " " << row.narrow;
    EXPECT_EQ(patterns_overlap(row.wide, row.narrow), row.overlap) << row.wide << " " << row.narrow;
    EXPECT_EQ(patterns_overlap(row.narrow, row.wide), row.overlap) << row.narrow << " " << row.wide;
  }
}

TEST(PatternRelation, a_port_on_one_side_only) {
  EXPECT_TRUE(only_ports_differ("reg.io", "reg.io:5000/team"));
  EXPECT_TRUE(only_ports_differ("*.io:1", "reg.io:2"));
  EXPECT_FALSE(only_ports_differ("reg.io:1", "reg.io:1"));
  EXPECT_FALSE(only_ports_differ("reg.io:1", "other.io:2"));
  EXPECT_FALSE(only_ports_differ("reg.io:1/a", "reg.io:2/b"));
}

std::vector<std::string> texts(const std::string &alphabet, std::size_t size_max) {
  std::vector<std::string> all = {""};
  for (std::size_t from = 0, size = 0; size < size_max; ++size) {
    for (const std::size_t to = all.size(); from < to; ++from) {
      for (const char c : alphabet) all.push_back(all[from] + c);
    }
  }
  return all;
}

// The definitions of the header, over every label of up to four characters and every image whose label has up to five:
// `c` is the character that no pattern names.
TEST(PatternRelation, agrees_with_matching_itself) {
  const std::vector<std::string> patterns = texts("ab*", 4);
  const std::vector<std::string> images = texts("abc", 5);
  std::vector<std::vector<bool>> matches;
  for (const std::string &pattern : patterns) {
    std::vector<bool> row;
    for (const std::string &image : images) {
      row.push_back(match_pattern(pattern + ".io", ImageReference(image + ".io/x")).matches());
    }
    matches.push_back(std::move(row));
  }
  for (std::size_t a = 0; a < patterns.size(); ++a) {
    for (std::size_t b = 0; b < patterns.size(); ++b) {
      if (patterns[a].size() + patterns[b].size() > 5) continue;  // the images are long enough for these
      bool covers = true;
      bool overlap = false;
      for (std::size_t i = 0; i < images.size(); ++i) {
        covers &= matches[a][i] || !matches[b][i];
        overlap |= matches[a][i] && matches[b][i];
      }
      ASSERT_EQ(pattern_covers(patterns[a] + ".io", patterns[b] + ".io"), covers) << patterns[a] << " " << patterns[b];
      ASSERT_EQ(patterns_overlap(patterns[a] + ".io", patterns[b] + ".io"), overlap)
          << patterns[a] << " " << patterns[b];
    }
  }
}

}  // namespace
}  // namespace regcred::core
