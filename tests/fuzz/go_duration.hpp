// SPDX-License-Identifier: Apache-2.0
// Go's time.ParseDuration a second time, step by step as its documentation and source have it: the judge of the target
// `values`. It shares no code with core/common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace regcred::fuzz {

// Nanoseconds; empty where Go gives an error.
[[nodiscard]] inline std::optional<std::int64_t> go_duration(std::string s) {
  constexpr std::uint64_t overflow = std::uint64_t{1} << 63U;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  bool negative = false;
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) {
    negative = s[0] == '-';
    s = s.substr(1);
  }
  if (s == "0") return 0;
  if (s.empty()) return {};
  std::uint64_t total = 0;
  while (!s.empty()) {
    if (s[0] != '.' && !is_digit(s[0])) return {};
    std::size_t i = 0;
    std::uint64_t v = 0;
    for (; i < s.size() && is_digit(s[i]); ++i) {
      if (v > overflow / 10) return {};
      v = v * 10 + static_cast<std::uint64_t>(s[i] - '0');
      if (v > overflow) return {};
    }
    bool digits = i > 0;
    s = s.substr(i);
    std::uint64_t f = 0;
    double scale = 1;
    if (!s.empty() && s[0] == '.') {
      bool full = false;
      for (i = 1; i < s.size() && is_digit(s[i]); ++i) {
        if (full) continue;
        const std::uint64_t next = f * 10 + static_cast<std::uint64_t>(s[i] - '0');
        full = f > (overflow - 1) / 10 || next > overflow;
        if (full) continue;
        f = next;
        scale *= 10;
      }
      digits = digits || i > 1;
      s = s.substr(i);
    }
    if (!digits) return {};
    for (i = 0; i < s.size() && s[i] != '.' && !is_digit(s[i]);) ++i;
    const std::string name = s.substr(0, i);
    s = s.substr(i);
    std::uint64_t unit = 0;
    if (name == "ns") unit = 1;
    if (name == "us" || name == "\u00b5s" || name == "\u03bcs") unit = 1'000;
    if (name == "ms") unit = 1'000'000;
    if (name == "s") unit = 1'000'000'000;
    if (name == "m") unit = 60'000'000'000;
    if (name == "h") unit = 3'600'000'000'000;
    if (unit == 0 || v > overflow / unit) return {};
    v *= unit;
    if (f > 0) v += static_cast<std::uint64_t>(static_cast<double>(f) * (static_cast<double>(unit) / scale));
    if (v > overflow) return {};
    total += v;
    if (total > overflow) return {};
  }
  if (negative && total == overflow) return INT64_MIN;
  if (total > overflow - 1) return {};
  return negative ? -static_cast<std::int64_t>(total) : static_cast<std::int64_t>(total);
}

}  // namespace regcred::fuzz
