// SPDX-License-Identifier: Apache-2.0
#include "common/duration.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace regcred::core {
namespace {

using std::chrono::milliseconds;

// The accepted half of the table of Go's time package (ParseDuration), with values below a millisecond rounded down.
TEST(Duration, follows_gos_grammar) {
  struct Case {
    std::string_view text;
    long long ms;
  };
  const Case table[] = {
      {"0", 0},
      {"5s", 5'000},
      {"30s", 30'000},
      {"1478s", 1'478'000},
      // sign
      {"-5s", -5'000},
      {"+5s", 5'000},
      {"-0", 0},
      {"+0", 0},
      // decimal
      {"5.0s", 5'000},
      {"0.2900000000000000000001h", 1'044'000},
      {"5.6s", 5'600},
      {"5.s", 5'000},
      {".5s", 500},
      {"1.0s", 1'000},
      {"1.00s", 1'000},
      {"1.004s", 1'004},
      {"1.0040s", 1'004},
      {"100.00100s", 100'001},
      // every unit
      {"10ns", 0},
      {"11us", 0},
      {"12\xC2\xB5s", 0},  // micro sign
      {"12\xCE\xBCs", 0},  // Greek letter mu
      {"13ms", 13},
      {"14s", 14'000},
      {"15m", 15LL * 60'000},
      {"16h", 16LL * 3'600'000},
      {"2000000ns", 2},
      {"2000us", 2},
      {"3000\xC2\xB5s", 3},
      {"4000\xCE\xBCs", 4},
      // composite, in any order, and a unit may come again
      {"3h30m", (3 * 60 + 30) * 60'000LL},
      {"10.5s4m", 4 * 60'000 + 10'500},
      {"-2m3.4s", -(2 * 60'000 + 3'400)},
      {"1h2m3s4ms5us6ns", 3'723'004},
      {"39h9m14.425s", (39 * 3600 + 9 * 60 + 14) * 1'000LL + 425},
      {"1s1s", 2'000},
      {"0.5ms500us", 1},  // the parts are summed before they are rounded
      // rounded down, on both sides of zero
      {"1.9ms", 1},
      {"999999ns", 0},
      {"-1.1ms", -2},
      {"-1ns", -1},
      // more digits than fit into an integer
      {"52763797000ns", 52'763},
      {"0.3333333333333333333h", 20 * 60'000},
      {"0.100000000000000000000s", 100},
      {"0.830103483285477580700h", 2'988'372},
      {"0.9223372036854775807h", 3'320'413},
      {"000000000000000000000000000001s", 1'000},
  };
  for (const auto &[text, ms] : table) {
    const auto value = parse_duration(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(*value, milliseconds(ms)) << text;
  }
}

TEST(Duration, refuses_what_go_refuses) {
  for (const std::string_view text :
       {"",       "3",     "-",         "+",      "s",         ".",     "-.",   ".s",   "+.s",  "00",
        "0.0",    "1",     "--5s",      "+-5s",   "5s-",       "1s-1s", " 5s",  "5s ",  "5 s",  "1s 1s",
        "1S",     "1H",    "1d",        "1w",     "1y",        "1sec",  "1e3s", "1,5s", "1:30", "0x1s",
        "1.2.3s", "1..5s", "\xC2\xB5s", "1\xC2s", "1\xC2\xB5", "abc",   "s1",   "inf",  "1s\n"}) {
    EXPECT_FALSE(parse_duration(text)) << '"' << text << '"';
  }
  EXPECT_FALSE(parse_duration(std::string_view("1s\0", 3)));
  EXPECT_FALSE(parse_duration(std::string_view("1\0s", 3)));
}

TEST(Duration, refuses_what_does_not_fit_into_63_bits_of_nanoseconds) {
  constexpr milliseconds longest(9'223'372'036'854);
  for (const std::string_view text : {"9223372036854775807ns", "9223372036854775.807us", "9223372036s854ms775us807ns",
                                      "2562047h47m16.854775807s", "9223372036.854775807s"}) {
    EXPECT_EQ(parse_duration(text), longest) << text;
  }
  EXPECT_EQ(parse_duration("-9223372036854775807ns"), -longest - milliseconds(1));
  for (const std::string_view text : {
           "9223372036854775808ns",
           "-9223372036854775808ns",
           "9223372036854776us",
           "9223372037s",
           "153722868m",
           "2562048h",
           "3000000h",
           "5124096h",      // wrapped at 2^64 this would be 26 minutes
           "18446744074s",  // and this 0.3 s
           "2562047h47m16.854775808s",
           "9223372036854775807ns1ns",
           "18446744073709551615ns",
           "18446744073709551616ns",    // 2^64: would be 0 when wrapped
           "18446744073709551617s",     // 2^64 + 1
           "5124095h34m33.709551616s",  // 2^64 ns in parts
           "99999999999999999999999999999999999999999s",
           "2562047h2562047h2562047h2562047h2562047h2562047h2562047h2562047h",
       }) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, seconds_are_written_as_every_kubelet_reads_them) {
  for (const long long count : {0LL, 1LL, 59LL, 3600LL, 366LL * 24 * 3600}) {
    const std::string text = format_seconds(std::chrono::seconds(count));
    EXPECT_EQ(text, std::to_string(count) + "s");
    EXPECT_EQ(parse_duration(text), std::chrono::seconds(count));
  }
}

}  // namespace
}  // namespace regcred::core
