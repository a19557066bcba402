// SPDX-License-Identifier: Apache-2.0
// Points in time as text for people.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <string>

namespace regcred::core {

// "2026-01-31 12:00:00Z".
[[nodiscard]] inline std::string utc_text(const std::tm &utc) {
  std::array<char, 48> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%SZ", &utc)};
}

[[nodiscard]] inline std::string utc_text(std::int64_t unix_seconds) {
  const std::time_t time = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  return ::gmtime_r(&time, &utc) == nullptr ? "a time beyond the calendar" : utc_text(utc);
}

}  // namespace regcred::core
