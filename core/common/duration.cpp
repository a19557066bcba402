// SPDX-License-Identifier: Apache-2.0
#include "common/duration.hpp"

#include <cstdint>

#include "common/ascii.hpp"

namespace regcred::core {
namespace {

// Go keeps a duration as nanoseconds in 63 bits and refuses what does not fit; so do we, also between the steps.
constexpr std::uint64_t nanoseconds_max = std::uint64_t{1} << 63U;

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
};
constexpr Unit units[] = {
    {"ns", 1},          {"us", 1'000},        {"\u00b5s", 1'000},  // micro sign
    {"\u03bcs", 1'000},                                            // Greek letter mu
    {"ms", 1'000'000},  {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000},
};

// Takes digits off the front of `text`. False on overflow.
bool take_integer(std::string_view &text, std::uint64_t &value) {
  value = 0;
  while (!text.empty() && is_digit(text.front())) {
    if (value > nanoseconds_max / 10) return false;
    value = value * 10 + static_cast<std::uint64_t>(text.front() - '0');
    if (value > nanoseconds_max) return false;
    text.remove_prefix(1);
  }
  return true;
}

// The digits after a decimal point: value / scale, below 1.
struct Fraction {
  std::uint64_t value = 0;
  double scale = 1;
};

// Takes them as Go's leadingFraction does: those that do not fit any more change nothing.
Fraction take_fraction(std::string_view &text) {
  Fraction fraction;
  bool fits = true;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    const std::uint64_t next = fraction.value * 10 + static_cast<std::uint64_t>(text.front() - '0');
    fits = fits && fraction.value <= (nanoseconds_max - 1) / 10 && next <= nanoseconds_max;
    if (fits) fraction = {next, fraction.scale * 10};
  }
  return fraction;
}

// In the order of Go's arithmetic, since it rounds.
std::uint64_t part_of(std::uint64_t unit, const Fraction &fraction) {
  return static_cast<std::uint64_t>(static_cast<double>(fraction.value) * (static_cast<double>(unit) / fraction.scale));
}

// Takes a unit's name: everything up to the next number. 0 when there is no such unit.
std::uint64_t take_unit(std::string_view &text) {
  std::size_t size = 0;
  while (size < text.size() && text[size] != '.' && !is_digit(text[size])) ++size;
  const std::string_view name = text.substr(0, size);
  text.remove_prefix(size);
  for (const Unit &unit : units) {
    if (unit.name == name) return unit.nanoseconds;
  }
  return 0;
}

// Takes one "<decimal><unit>" as nanoseconds.
std::optional<std::uint64_t> take_part(std::string_view &text) {
  std::uint64_t whole = 0;
  std::size_t digits = text.size();
  if (!take_integer(text, whole)) return std::nullopt;
  digits -= text.size();
  Fraction fraction;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    digits += text.size();
    fraction = take_fraction(text);
    digits -= text.size();
  }
  if (digits == 0) return std::nullopt;  // ".s" has no digit at all
  const std::uint64_t unit = take_unit(text);
  if (unit == 0 || whole > nanoseconds_max / unit) return std::nullopt;
  const std::uint64_t value = whole * unit + part_of(unit, fraction);
  if (value > nanoseconds_max) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (text == "0") return std::chrono::milliseconds{0};
  if (text.empty()) return std::nullopt;

  std::uint64_t total = 0;
  while (!text.empty()) {
    const auto part = take_part(text);
    if (!part || *part > nanoseconds_max - total) return std::nullopt;
    total += *part;
  }
  if (total == nanoseconds_max) return std::nullopt;  // fits only when negative, and nobody means -292 years
  const auto nanoseconds = static_cast<std::int64_t>(total);
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::nanoseconds{negative ? -nanoseconds : nanoseconds});
}

std::string format_seconds(std::chrono::seconds value) { return std::to_string(value.count()) + "s"; }

}  // namespace regcred::core
