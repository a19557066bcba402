#include "cli/doctor/words.hpp"

#include <array>
#include <cstdlib>
#include <ctime>

namespace regcred::core {

std::string utc_words(std::int64_t unix_seconds) {
  const std::time_t time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  std::array<char, 32> text{};
  if (::gmtime_r(&time, &parts) == nullptr) return "an impossible time";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%SZ", &parts)};
}

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
