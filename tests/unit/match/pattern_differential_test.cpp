// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "match/pattern.hpp"
#include "unit/match/go_rules.hpp"

namespace regcred::core {
namespace {

// A text that both implementations have taken apart, so that comparing pairs is cheap.
struct ParsedPattern {
  std::string text;
  std::optional<go_rules::Url> url;
};
struct ParsedImage {
  ImageReference reference;
  go_rules::Url url;
};

// Every text over `alphabet` with at most `size_max` characters.
std::vector<std::string> all_texts(const std::string &alphabet, std::size_t size_max) {
  std::vector<std::string> texts = {""};
  for (std::size_t from = 0, size = 0; size < size_max; ++size) {
    const std::size_t to = texts.size();
    for (; from < to; ++from) {
      for (const char c : alphabet) texts.push_back(texts[from] + c);
    }
  }
  return texts;
}

std::vector<ParsedPattern> parse_patterns(const std::vector<std::string> &texts) {
  std::vector<ParsedPattern> patterns;
  for (const std::string &text : texts) patterns.push_back({text, go_rules::parse(text)});
  return patterns;
}

// Only what can be an image: the kubelet never asks about a name that it cannot parse.
std::vector<ParsedImage> parse_images(const std::vector<std::string> &texts) {
  std::vector<ParsedImage> images;
  for (const std::string &text : texts) {
    if (const auto url = go_rules::parse(text)) images.push_back({ImageReference(text), *url});
  }
  return images;
}

void expect_same(const std::vector<ParsedPattern> &patterns, const std::vector<ParsedImage> &images,
                 std::size_t matches_min) {
  std::size_t matches = 0;
  for (const ParsedPattern &pattern : patterns) {
    ASSERT_EQ(validate_pattern(pattern.text).has_value(), pattern.url.has_value()) << "pattern " << pattern.text;
    for (const ParsedImage &image : images) {
      const bool expected = pattern.url && go_rules::match(*pattern.url, image.url);
      matches += expected ? 1U : 0U;
      if (match_pattern(pattern.text, image.reference).matches() == expected) continue;
      FAIL() << "pattern " << pattern.text << " image " << image.reference.name() << " expected " << expected;
    }
  }
  EXPECT_GE(matches, matches_min) << "too few matches to mean anything";
}

TEST(PatternDifferential, M1_every_small_pattern_with_every_small_image) {
  expect_same(parse_patterns(all_texts("ab*.:/1", 4)), parse_images(all_texts("a1.:/", 5)), 20'000);
}

TEST(PatternDifferential, M1_every_pattern_of_five_characters) {
  expect_same(parse_patterns(all_texts("ab*.:/1", 5)), parse_images(all_texts("a1.:/", 4)), 10'000);
}

TEST(PatternDifferential, M1_globs_of_one_label) {
  expect_same(parse_patterns(all_texts("ab*", 7)), parse_images(all_texts("ab", 7)), 10'000);
}

TEST(PatternDifferential, M1_every_small_pattern_of_url_syntax) {
  expect_same(parse_patterns(all_texts("a*1%26?#@[]:/. ", 4)), parse_images({"a", "a:1", "a/b", "1", "a/a1", "a.a/a"}),
              5'000);
}

TEST(PatternDifferential, M1_addresses_in_brackets) {
  std::vector<std::string> patterns;
  for (const std::string &inside : all_texts("1:*.A%", 4)) {
    for (const char *end : {"", ":", ":1", "/", ":1/a"}) patterns.push_back("[" + inside + "]" + end);
  }
  for (const char *more : {"[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]:1", "[fe80::1%25a]:1", "[::FFFF:1]:1", "[*]:1"}) {
    patterns.emplace_back(more);
  }
  expect_same(
      parse_patterns(patterns),
      parse_images({"[::1]:1/a", "[::1]/a", "[::1]", "[::1]:1", "A/a", "1/a", "[::11]:1/a", "[A::1]:1/a", "*/a"}), 50);
}

// Longer texts, put together from the pieces of real ones. The seed is fixed: a failure can be repeated.
std::string random_text(std::mt19937 &random, const std::vector<std::string> &pieces) {
  std::uniform_int_distribution<std::size_t> count(1, 9);
  std::uniform_int_distribution<std::size_t> piece(0, pieces.size() - 1);
  std::string text;
  for (std::size_t i = count(random); i > 0; --i) text += pieces[piece(random)];
  return text;
}

TEST(PatternDifferential, M1_random_longer_patterns) {
  std::mt19937 random(20260101);
  const std::vector<std::string> of_images = {"reg",  "a",        "b",    ".",     ".", ".io", "/",
                                              "/app", "/library", ":443", ":5000", "-", "x1"};
  std::vector<std::string> of_patterns = of_images;
  for (const char *more : {"*", "*", "*.", "%61", "%2F", "?", "#", "@", ":", "A", " ", "%", "[", "]"})
    of_patterns.emplace_back(more);

  std::vector<std::string> images;
  std::vector<std::string> patterns;
  for (int i = 0; i < 300; ++i) images.push_back(random_text(random, of_images));
  for (int i = 0; i < 5000; ++i) patterns.push_back(random_text(random, of_patterns));
  // Patterns made from images match often: a piece replaced by a star, an end cut off.
  for (const std::string &image : images) {
    std::string pattern = image;
    pattern.resize(image.size() / 2 + 1);
    patterns.push_back(pattern);
    pattern = image;
    pattern[pattern.size() / 3] = '*';
    patterns.push_back(pattern);
    patterns.push_back(image);
    patterns.push_back("u@" + image);
  }
  std::vector<ParsedPattern> parsed = parse_patterns(patterns);
  std::size_t matches = 0;
  for (const ParsedImage &image : parse_images(images)) {
    for (const ParsedPattern &pattern : parsed) {
      const bool expected = pattern.url && go_rules::match(*pattern.url, image.url);
      matches += expected ? 1U : 0U;
      ASSERT_EQ(match_pattern(pattern.text, image.reference).matches(), expected)
          << "pattern " << pattern.text << " image " << image.reference.name();
    }
  }
  EXPECT_GT(matches, 1000U);
}

}  // namespace
}  // namespace regcred::core
