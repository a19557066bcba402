// SPDX-License-Identifier: Apache-2.0
// A text that is a number from its first character to its last.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace regcred::core {

// `text` as std::from_chars reads it: no blanks, no "+". `format` is the base of an integer. nullopt when anything else
// stands in it, or when the type cannot hold the number.
template <class Number, class... Format>
[[nodiscard]] std::optional<Number> number_of(std::string_view text, Format... format) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, format...);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace regcred::core
