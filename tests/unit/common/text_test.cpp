// SPDX-License-Identifier: Apache-2.0
#include "common/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/limits.hpp"

namespace regcred::core {
namespace {

using namespace std::string_view_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Utf8, accepts_what_rfc_3629_allows_and_nothing_else) {
  for (const std::string_view text : {""sv, "plain"sv, "\0"sv, "\x7f"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv,
                                      "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv, "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv,
                                      "\xF4\x8F\xBF\xBF"sv, "M\xC3\xBCnchen \xE6\x9D\xB1"sv}) {
    EXPECT_TRUE(is_utf8(text)) << printable(text, 100);
  }
  for (const std::string_view text : {
           "\x80"sv,              // a continuation alone
           "\xBF"sv,              //
           "\xC3"sv,              // cut short
           "\xE2\x82"sv,          //
           "\xF0\x9F\x98"sv,      //
           "\xC3("sv,             // no continuation
           "\xE2\x82("sv,         //
           "\xC0\xAF"sv,          // overlong '/'
           "\xC1\xBF"sv,          //
           "\xE0\x80\xAF"sv,      //
           "\xE0\x9F\xBF"sv,      //
           "\xF0\x8F\xBF\xBF"sv,  //
           "\xED\xA0\x80"sv,      // surrogates
           "\xED\xBF\xBF"sv,      //
           "\xF4\x90\x80\x80"sv,  // beyond U+10FFFF
           "\xF5\x80\x80\x80"sv,  //
           "\xFE"sv,              //
           "\xFF"sv,              //
           "good, then \xFF"sv,
       }) {
    EXPECT_FALSE(is_utf8(text)) << printable(text, 100);
  }
}

TEST(Printable, L2_escapes_what_could_steer_a_terminal_or_split_a_line) {
  struct Case {
    std::string_view text;
    std::string_view shown;
  };
  const Case table[] = {
      {"plain ~!\"'\\", "plain ~!\"'\\"},
      {"M\xC3\xBCnchen \xE6\x9D\xB1\xE4\xBA\xAC \xF0\x9F\x98\x80",
       "M\xC3\xBCnchen \xE6\x9D\xB1\xE4\xBA\xAC \xF0\x9F\x98\x80"},
      {"a\nb\rc\td", "a\\nb\\rc\\td"},
      {"\0\x01\x1f\x7f"sv, "\\x00\\x01\\x1f\\x7f"},
      {"\x1b]0;owned\x07\x1b[2J", "\\x1b]0;owned\\x07\\x1b[2J"},
      {"\xC2\x80\xC2\x85\xC2\x9B\xC2\x9F", "\\u0080\\u0085\\u009b\\u009f"},  // C1: U+009B is one-character CSI
      {"\xC2\xA0\xC2\xAD", "\xC2\xA0\\u00ad"},                               // a no-break space is visible
      {"pay \xE2\x80\xAE"
       "drawer",
       "pay \\u202edrawer"},
      {"\xE2\x80\xAA\xE2\x80\xAB\xE2\x80\xAC\xE2\x80\xAD", "\\u202a\\u202b\\u202c\\u202d"},
      {"\xE2\x81\xA6\xE2\x81\xA7\xE2\x81\xA8\xE2\x81\xA9", "\\u2066\\u2067\\u2068\\u2069"},
      {"\xE2\x80\x8E\xE2\x80\x8F\xD8\x9C", "\\u200e\\u200f\\u061c"},
      {"\xE2\x80\x8B\xE2\x80\x8D\xEF\xBB\xBF", "\\u200b\\u200d\\ufeff"},
      {"\xE2\x80\xA8\xE2\x80\xA9", "\\u2028\\u2029"},
      {"\xF3\xA0\x81\x81", "\\U000e0041"},  // tag characters hide text
      {"\xFF\xC3(\xED\xA0\x80", "\\xff\\xc3(\\xed\\xa0\\x80"},
      {"\xC0\x8A", "\\xc0\\x8a"},  // an overlong newline
  };
  for (const auto &[text, shown] : table) EXPECT_EQ(printable(text, 1000), shown);
}

TEST(Printable, cuts_at_a_character_border_and_says_so) {
  struct Case {
    std::string_view text;
    std::size_t bytes_max;
    std::string_view shown;
  };
  const Case table[] = {
      {"abcdef", 6, "abcdef"},
      {"abcdef", 5, "ab..."},
      {"abcdef", 4, "a..."},
      {"abcdef", 3, "..."},
      {"abcdef", 2, ".."},
      {"abcdef", 0, ""},
      {"", 0, ""},
      {"ab\xE2\x82\xAC"
       "cd",
       7,
       "ab\xE2\x82\xAC"
       "cd"},
      {"a\xE2\x82\xAC"
       "cdefg",
       7, "a\xE2\x82\xAC..."},
      {"a\xE2\x82\xAC"
       "cdefg",
       6, "a..."},  // the euro sign's three bytes stay together
      {"ab\xF0\x9F\x98\x80", 5, "ab..."},
      {"\n\n\n", 6, "\\n\\n\\n"},
      {"\n\n\n", 5, "\\n..."},
      {"a\x1b[31m", 7, "a..."},  // no half escape: "a\x1b" is five bytes
  };
  for (const auto &[text, bytes_max, shown] : table) EXPECT_EQ(printable(text, bytes_max), shown) << bytes_max;
}

TEST(Printable, L2_no_limit_cuts_into_a_character) {
  const std::string text =
      "a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\n\xE2\x80\xAE\xFF"
      "b\xC3\xBC\xE2\x82\xAC";
  const std::string whole = printable(text, 1000);
  for (std::size_t bytes_max = 0; bytes_max <= whole.size(); ++bytes_max) {
    const std::string shown = printable(text, bytes_max);
    EXPECT_LE(shown.size(), bytes_max);
    EXPECT_TRUE(is_utf8(shown)) << bytes_max;
    EXPECT_TRUE(bytes_max == whole.size() || bytes_max < 3 || shown.ends_with("...")) << bytes_max;
  }
  EXPECT_EQ(printable(text, whole.size()), whole);
}

TEST(Redacted, L1_hides_secrets_their_parts_and_every_jwt) {
  const std::string header = "eyJhbGciOiJub25lIn0";
  const std::string payload = "eyJzdWIiOiJjYW5hcnkifQ";
  const std::string jwt = header + "." + payload + ".c2lnbmF0dXJlLWNhbmFyeQ";
  struct Case {
    std::string text;
    std::vector<std::string_view> secrets;
    std::string shown;
  };
  const Case table[] = {
      {"nothing here", {}, "nothing here"},
      {"", {"password"}, ""},
      {"pw hunter22!", {"hunter22"}, "pw [redacted]!"},
      {"hunter22hunter22", {"hunter22"}, "[redacted]"},
      {"hunter22 and hunter22", {"hunter22"}, "[redacted] and [redacted]"},
      {"one tiger77x two lion88xx", {"tiger77x", "lion88xx"}, "one [redacted] two [redacted]"},
      {"abcabcabcabc", {"abcabcabc"}, "[redacted]"},  // both occurrences, although they overlap
      {"abcdefgh12345678", {"abcdefgh", "gh123456"}, "[redacted]78"},
      {"short", {"short", ""}, "short"},  // would hide innocent words
      {"seven77", {"seven77"}, "seven77"},
      {"eight888", {"eight888"}, "[redacted]"},
      {"got twelve-bytes here", {"ab.twelve-bytes.cd"}, "got [redacted] here"},
      {"got eleven-byte here", {"ab.eleven-byte.cd"}, "got eleven-byte here"},
      {"last part-of-it-all", {"ab.part-of-it-all"}, "last [redacted]"},
      {"token " + jwt + ", twice", {}, "token [redacted], twice"},
      {"\"" + jwt + "\"", {}, "\"[redacted]\""},
      {"x" + jwt, {}, "x[redacted]"},
      {header + "." + payload + ".", {}, "[redacted]"},  // not signed
      {"part " + payload + " of it", {jwt}, "part [redacted] of it"},
      {"signature c2lnbmF0dXJlLWNhbmFyeQ", {jwt}, "signature [redacted]"},
      {"cut " + jwt.substr(0, 30), {jwt}, "cut [redacted]"},  // half of the payload, no signature
      {"... " + jwt.substr(30, 20) + "...", {jwt}, "... [redacted]..."},
      {jwt.substr(30, 12) + " " + jwt.substr(30, 11), {jwt}, "[redacted] " + jwt.substr(30, 11)},
      {"file eyJ.json", {}, "file eyJ.json"},
      {header + "." + payload, {}, header + "." + payload},  // two parts are no JWT
  };
  for (const auto &[text, secrets, shown] : table) EXPECT_EQ(redacted(text, secrets), shown) << text;
}

// The rule of `redacted` as it reads, without a thought for time: of a secret of at least 8 bytes every occurrence, and
// every run of 12 bytes that it has.
std::string redacted_by_the_rule(std::string_view text, std::string_view secret) {
  std::vector<bool> hidden(text.size(), false);
  for (std::size_t bytes : {secret.size(), std::size_t{12}}) {
    for (std::size_t at = 0; secret.size() >= 8 && at + bytes <= text.size(); ++at) {
      if (secret.find(text.substr(at, bytes)) == std::string_view::npos) continue;
      for (std::size_t i = at; i < at + bytes; ++i) hidden[i] = true;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!hidden[i]) {
      out += text[i];
    } else if (i == 0 || !hidden[i - 1]) {
      out += "[redacted]";
    }
  }
  return out;
}

TEST(Redacted, L1_hides_what_the_rule_says_in_any_text_of_few_letters) {
  std::mt19937 random(1);
  for (const std::string_view letters : {"a", "ab", "abc"}) {
    const auto word = [&](std::size_t bytes_max) {
      std::string text(random() % (bytes_max + 1), ' ');
      for (char &c : text) c = letters[random() % letters.size()];
      return text;
    };
    for (int round = 0; round < 2000; ++round) {
      const std::string secret = word(24);
      const std::string text = word(20) + (round % 2 == 0 ? secret : secret.substr(secret.size() / 3)) + word(20);
      ASSERT_EQ(redacted(text, std::array{std::string_view(secret)}), redacted_by_the_rule(text, secret))
          << text << ' ' << secret;
    }
  }
}

// Of equal bytes each piece of the secret is each piece of the text: by the product of the sizes this takes minutes.
TEST(Redacted, L1_a_text_and_a_token_of_equal_bytes_cost_no_more_than_others) {
  const std::string text(16U << 10U, 'a');
  const std::string token(limits::token_bytes_max, 'a');
  const std::clock_t before = std::clock();
  EXPECT_EQ(redacted(text, std::array{std::string_view(token)}), "[redacted]");
  EXPECT_EQ(redacted(text + token + text, std::array{std::string_view(token)}), "[redacted]");
  EXPECT_LT((std::clock() - before) / CLOCKS_PER_SEC, 20);
}

TEST(OneLine, L2_golden_lines) {
  struct Case {
    Error error;
    std::string_view line;
  };
  const Case table[] = {
      {{ErrorCode::config, "/etc/regcred/config.yaml:3:5", "unknown key \"imags\"", "did you mean \"images\"?"},
       "regcred: /etc/regcred/config.yaml:3:5: unknown key \"imags\"; did you mean \"images\"?\n"},
      {{ErrorCode::internal, "", "out of memory", ""}, "regcred: out of memory\n"},
      {{ErrorCode::backend, "backend x", "it failed", ""}, "regcred: backend x: it failed\n"},
      {{ErrorCode::backend, "", "it failed", "look"}, "regcred: it failed; look\n"},
      {{ErrorCode::backend, "a\nb", "\x1b[31mred\r\n\xE2\x80\xAEx", "do\tthis\xFF"},
       "regcred: a\\nb: \\x1b[31mred\\r\\n\\u202ex; do\\tthis\\xff\n"},
  };
  for (const auto &[error, line] : table) EXPECT_EQ(one_line(error), line);
}

TEST(OneLine, L2_is_one_line_of_at_most_1024_bytes_whatever_comes_in) {
  const std::vector<std::string> units = {"a", "\n", "\x1b", "\xFF", "\xC3\xBC", "\xE2\x80\xAE", "\xF3\xA0\x81\x81"};
  const std::vector<std::size_t> counts = {0, 1, 100, 250, 500, 1000, 5000};
  const auto times = [](const std::string &unit, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += unit;
    return text;
  };
  for (const std::string &unit : units) {
    for (const std::size_t where : counts) {
      for (const std::size_t what : counts) {
        for (const std::size_t cure : counts) {
          const std::string line =
              one_line({ErrorCode::backend, times(unit, where), times(unit, what), times(unit, cure)});
          ASSERT_LE(line.size(), limits::error_line_bytes_max);
          ASSERT_EQ(line.find('\n'), line.size() - 1);
          ASSERT_TRUE(is_utf8(line));
        }
      }
    }
  }
}

TEST(OneLine, L2_what_is_shortened_first) {
  const std::string where = "/etc/regcred/" + std::string(100, 'p') + ":3:5";
  const std::string cure = "run: " + std::string(200, 'c') + "!";
  const std::string line = one_line({ErrorCode::backend, where, "start " + std::string(5000, 'w'), cure});
  EXPECT_THAT(line, StartsWith("regcred: " + where + ": start www"));
  EXPECT_THAT(line, EndsWith("www...; " + cure + "\n"));
  EXPECT_EQ(line.size(), limits::error_line_bytes_max) << "room is left unused";
}

TEST(OneLine, L2_no_part_pushes_another_out) {
  const std::string line =
      one_line({ErrorCode::backend, std::string(5000, 'p'), std::string(5000, 'w'), std::string(5000, 'c')});
  EXPECT_THAT(line, HasSubstr(std::string(190, 'p')));
  EXPECT_THAT(line, HasSubstr(std::string(190, 'w')));
  EXPECT_THAT(line, HasSubstr(std::string(190, 'c')));
  // A long where alone leaves a short what as it is.
  EXPECT_THAT(one_line({ErrorCode::backend, std::string(5000, 'p'), "the finding", "the cure"}),
              EndsWith("p...: the finding; the cure\n"));
  EXPECT_THAT(one_line({ErrorCode::backend, "", std::string(900, 'w'), ""}), Not(HasSubstr("...")));
}

TEST(Nearest, finds_the_likely_slip_and_nothing_else) {
  constexpr std::array<std::string_view, 6> keys = {"matchImages", "backend",     "audience",
                                                    "settings",    "annotations", "os"};
  struct Case {
    std::string_view word;
    std::string_view found;
  };
  const Case table[] = {
      {"matchImage", "matchImages"},  // one missing
      {"matchImagess", "matchImages"},
      {"matchimages", "matchImages"},  // letter case is free
      {"MATCH_IMAGES", "matchImages"},
      {"bakcend", "backend"},  // neighbours swapped: one slip, not two
      {"backand", "backend"},
      {"audeince", "audience"},
      {"seting", "settings"},
      {"anotation", "annotations"},
      {"so", "os"},
      {"x", ""},
      {"ab", ""},
      {"password", ""},
      {"bbbbbbb", ""},
      {"", ""},
  };
  for (const auto &[word, found] : table) EXPECT_EQ(nearest(word, keys), found) << word;
  EXPECT_EQ(nearest("backend", {}), "");
}

TEST(Nearest, prefers_the_nearer_and_then_the_first) {
  constexpr std::array<std::string_view, 3> keys = {"registry-a", "registry-b", "registries"};
  EXPECT_EQ(nearest("registry-b", keys), "registry-b");
  EXPECT_EQ(nearest("registry-x", keys), "registry-a");
  EXPECT_EQ(nearest("registrie", keys), "registries");
}

TEST(Nearest, H5_long_words_cost_nothing) {
  const std::string longest(64, 'k');
  const std::string too_long(65, 'k');
  const std::string huge(1U << 20U, 'k');
  EXPECT_EQ(nearest(longest, std::array{std::string_view(longest)}), longest);
  EXPECT_EQ(nearest(too_long, std::array{std::string_view(longest)}), "");
  EXPECT_EQ(nearest(longest, std::array{std::string_view(too_long), std::string_view(huge)}), "");
  EXPECT_EQ(nearest(huge, std::array{std::string_view(huge)}), "");
}

}  // namespace
}  // namespace regcred::core
