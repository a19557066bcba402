// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <optional>
#include <regcred/text.hpp>
#include <string>
#include <vector>

namespace regcred {
namespace {

TEST(Text, hosts_come_out_in_lower_case_or_not_at_all) {
  const std::string label63(63, 'a');
  const std::string name253 = label63 + "." + label63 + "." + label63 + "." + std::string(61, 'a');
  const std::vector<std::pair<std::string, std::optional<std::string>>> table = {
      {"api.cloudsmith.io", "api.cloudsmith.io"},
      {"API.Cloudsmith.IO:8443", "api.cloudsmith.io:8443"},
      {"localhost:1", "localhost:1"},
      {"a.b:65535", "a.b:65535"},
      {"127.0.0.1:443", "127.0.0.1:443"},
      {"x-y.example", "x-y.example"},
      {label63 + ".example", label63 + ".example"},
      {name253 + ":65535", name253 + ":65535"},
      {"", std::nullopt},
      {":1", std::nullopt},
      {"a:", std::nullopt},
      {"a:0", std::nullopt},
      {"a:01", std::nullopt},
      {"a:65536", std::nullopt},
      {"a:4294967739", std::nullopt},
      {"a:1:2", std::nullopt},
      {"a:-1", std::nullopt},
      {"a:1x", std::nullopt},
      {".", std::nullopt},
      {"a.", std::nullopt},
      {".a", std::nullopt},
      {"a..b", std::nullopt},
      {"-a", std::nullopt},
      {"a-", std::nullopt},
      {"a-.b", std::nullopt},
      {"a_b", std::nullopt},
      {"a b", std::nullopt},
      {" a", std::nullopt},
      {"a\n", std::nullopt},
      {std::string("a\0b", 3), std::nullopt},
      {"a/b", std::nullopt},
      {"a?b", std::nullopt},
      {"a#b", std::nullopt},
      {"a\\b", std::nullopt},
      {"u@a", std::nullopt},
      {"a%2eb", std::nullopt},
      {"*.a", std::nullopt},
      {"[::1]", std::nullopt},
      {"https://a", std::nullopt},
      {"bücher.example", std::nullopt},
      {label63 + "a.example", std::nullopt},
      {name253 + "a", std::nullopt},
      {std::string(1'000'000, 'a'), std::nullopt},
  };
  for (const auto &[text, expected] : table) EXPECT_EQ(host_and_port(text), expected) << text.substr(0, 80);
}

TEST(Text, shown_text_is_one_bounded_quoted_piece) {
  EXPECT_EQ(shown("acme"), "\"acme\"");
  EXPECT_EQ(shown(""), "\"\"");
  EXPECT_EQ(shown("a\"b\\c\n\x1b[0m\x7f"), "\"a?b?c??[0m?\"");
  EXPECT_EQ(shown("\xc3\xa9"), "\"??\"");
  EXPECT_EQ(shown("12345", 5), "\"12345\"");
  EXPECT_EQ(shown("123456", 5), "\"12345...\"");
  EXPECT_EQ(shown(std::string(1'000'000, 'x')).size(), 64U + 5U);
}

// L1: slips of operators, which would stand in the kubelet's log at every pull.
TEST(Text, L1_passwords_in_urls_and_keys_are_not_shown) {
  const std::vector<std::pair<std::string, std::string>> urls = {
      {"https://u:SECRET@h.example/x?key=SECRET", "https://...@h.example/x?..."},
      {"https://SECRET@h.example", "https://...@h.example"},
      {"u:SECRET@h.example:443", "...@h.example:443"},
      {"u:SE@CRET@h.example/a@b", "...@h.example/a@b"},
      {"https://h.example/a@b", "https://h.example/a@b"},
      {"reg.example:5000/a/b@sha256:0011", "reg.example:5000/a/b@sha256:0011"},
      {"app:1@sha256:0011", "app:1@sha256:0011"},
      {"what? no scheme", "what? no scheme"},
      {"", ""},
  };
  for (const auto &[text, masked] : urls) {
    EXPECT_EQ(without_user_info(text), masked);
    EXPECT_EQ(shown(text, 200), '"' + masked + '"');
  }
  EXPECT_EQ(without_value("X-Key: SECRET"), "X-Key:...");
  EXPECT_EQ(without_value("http://u:SECRET@proxy"), "http:...");
  EXPECT_EQ(without_value("metricsFil"), "metricsFil");
}

TEST(Text, a_registry_may_be_an_IPv6_address_in_its_shortest_form) {
  const std::pair<const char *, std::optional<std::string>> table[] = {
      {"Reg.io:5000", "reg.io:5000"},
      {"[fd00::1]", "[fd00::1]"},
      {"[FD00:0:0::1]:5000", "[fd00::1]:5000"},
      {"[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]"},
      {"[fd00::1", {}},
      {"[fd00::1]5000", {}},
      {"[fd00::1]:0", {}},
      {"[fd00::1]:", {}},
      {"[fd00::1]/x", {}},
      {"[fd00::1%eth0]", {}},
      {"[reg.io]", {}},
      {"[]", {}},
      {"fd00::1", {}},
      {"", {}},
  };
  for (const auto &[text, expected] : table) EXPECT_EQ(registry_host(text), expected) << text;
}

TEST(Text, utf8_is_told_from_other_bytes) {
  for (const char *text : {"", "a", "\u00e9\u20ac", "\U0010ffff", "\ud7ff\ue000"}) EXPECT_TRUE(is_utf8(text)) << text;
  for (const char *text : {"\xff", "\x80", "\xc3", "a\xe2\x82", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                           "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe9t\xe9"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Text, control_characters_are_found_at_both_ends_of_the_range) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = "a" + std::string(1, static_cast<char>(byte)) + "b";
    EXPECT_EQ(has_control_character(text), byte < 0x20 || byte == 0x7F) << byte;
  }
}

TEST(LowerCase, changes_ascii_letters_alone) { EXPECT_EQ(lower_case("AbZ-9@[\xC3\x84"), "abz-9@[\xC3\x84"); }

TEST(MatchesParts, a_star_is_any_text_within_its_part) {
  for (const auto &[pattern, text] :
       {std::pair("", ""), std::pair("*", ""), std::pair("*", "abc"), std::pair("a.b", "a.b"), std::pair("*.b", "a.b"),
        std::pair("a*c*.**", "abcbc.x"), std::pair("a.", "a."), std::pair("*a", "aaba")}) {
    EXPECT_TRUE(matches_parts(pattern, text, '.')) << pattern << ' ' << text;
  }
  for (const auto &[pattern, text] :
       {std::pair("", "a"), std::pair("a", ""), std::pair("*", "a.b"), std::pair("a*", "a.b"), std::pair("*.*", "a"),
        std::pair("a.", "a"), std::pair("*a", "aab"), std::pair("A", "a"), std::pair("?", "a")}) {
    EXPECT_FALSE(matches_parts(pattern, text, '.')) << pattern << ' ' << text;
  }
  EXPECT_TRUE(matches_parts("*:b", "a.c:b", ':'));
}

}  // namespace
}  // namespace regcred
