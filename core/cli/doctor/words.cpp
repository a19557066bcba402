// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/words.hpp"

#include <cstdlib>

namespace regcred::core {

std::string span_words(std::int64_t seconds) {
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  seconds = std::abs(seconds);
  if (seconds < 2 * minute) return std::to_string(seconds) + " s";
  if (seconds < hour) return std::to_string(seconds / minute) + " min";
  if (seconds < 2 * day) {
    const std::int64_t minutes = seconds % hour / minute;
    return std::to_string(seconds / hour) + " h" + (minutes == 0 ? "" : ' ' + std::to_string(minutes) + " min");
  }
  return std::to_string(seconds / day) + " days";
}

}  // namespace regcred::core
