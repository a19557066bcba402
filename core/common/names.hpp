// SPDX-License-Identifier: Apache-2.0
// The names that operators give: to entries, and to backends.
#pragma once

#include <cstddef>
#include <string_view>

namespace regcred::core {

// Whether `text` is a letter followed by letters, digits and '-', all lower case, at most 63 bytes: never a path.
[[nodiscard]] inline bool is_name(std::string_view text) noexcept {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  constexpr std::size_t bytes_max = 63;
  return !text.empty() && text.size() <= bytes_max && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace regcred::core
