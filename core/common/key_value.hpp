// SPDX-License-Identifier: Apache-2.0
// KEY=VALUE, the form of options and variables.
#pragma once

#include <optional>
#include <string_view>

namespace regcred::core {

// Refers to the text that it was split from.
struct KeyValue {
  std::string_view key;
  std::string_view value;
};

// Splits `text` at its first '='. Empty when there is none, or nothing before it.
[[nodiscard]] constexpr std::optional<KeyValue> split_key_value(std::string_view text) noexcept {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  return KeyValue{text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace regcred::core
