// SPDX-License-Identifier: Apache-2.0
// The bodies of time.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <regcred/time.hpp>

namespace regcred {

inline std::optional<std::int64_t> rfc3339_time(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd";
  if (text.size() < form.size() + 1) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool fits = form[i] == 'd' ? text[i] >= '0' && text[i] <= '9'
                                     : text[i] == form[i] || (form[i] == 'T' && (text[i] == 't' || text[i] == ' '));
    if (!fits) return std::nullopt;
  }
  const auto number = [](std::string_view digits) {
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
  };
  const auto is_clock = [&](std::string_view hh_mm) {  // 00:00 to 23:59
    constexpr std::string_view clock = "dd:dd";
    for (std::size_t i = 0; i < clock.size(); ++i) {
      const bool digit = hh_mm[i] >= '0' && hh_mm[i] <= '9';
      if (clock[i] == 'd' ? !digit : hh_mm[i] != ':') return false;
    }
    return number(hh_mm.substr(0, 2)) < 24 && number(hh_mm.substr(3, 2)) < 60;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(text.substr(0, 4))),
                                         std::chrono::month(static_cast<unsigned>(number(text.substr(5, 2)))),
                                         std::chrono::day(static_cast<unsigned>(number(text.substr(8, 2))))};
  const int seconds = number(text.substr(17, 2));
  if (!date.ok() || !is_clock(text.substr(11, 5)) || seconds > 60) return std::nullopt;  // 60: a leap second
  std::int64_t time = std::chrono::seconds(std::chrono::sys_days(date).time_since_epoch()).count() +
                      number(text.substr(11, 2)) * 3600 + number(text.substr(14, 2)) * 60 + seconds;

  std::string_view rest = text.substr(form.size());
  if (rest.front() == '.') {
    const std::size_t end = rest.find_first_not_of("0123456789", 1);
    if (end == std::string_view::npos || end == 1) return std::nullopt;
    rest.remove_prefix(end);
  }
  if (rest == "Z" || rest == "z") return time;
  const bool offset = rest.size() == 6 && (rest.front() == '+' || rest.front() == '-') && is_clock(rest.substr(1));
  if (!offset) return std::nullopt;
  const int seconds_east = number(rest.substr(1, 2)) * 3600 + number(rest.substr(4, 2)) * 60;
  return rest.front() == '+' ? time - seconds_east : time + seconds_east;
}

inline std::optional<std::int64_t> http_date(std::string_view text) {
  const std::string terminated(text);
  for (const char *form : {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm parts{};
    const char *const end = ::strptime(terminated.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') return ::timegm(&parts);
  }
  return std::nullopt;
}

inline std::string rfc3339_text(std::int64_t unix_time) {
  constexpr std::int64_t year_0 = -62'167'219'200;
  constexpr std::int64_t year_10000 = 253'402'300'800;
  if (unix_time < year_0 || unix_time >= year_10000) return {};
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_time)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 24> text{};
  const int bytes = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(bytes)};
}

}  // namespace regcred
