// SPDX-License-Identifier: Apache-2.0
// Lists in messages.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace regcred::core {

// "a, b, c": `show` of each item, with `between` between two items, and `last` before the last.
template <class Items, class Show = std::identity>
[[nodiscard]] std::string joined(const Items &items, Show show = {}, std::string_view between = ", ",
                                 std::string_view last = ", ") {
  std::string text;
  std::size_t left = std::size(items);
  for (const auto &item : items) {
    text += show(item);
    if (--left > 0) text += left == 1 ? last : between;
  }
  return text;
}

// "a, b or c".
template <class Items>
[[nodiscard]] std::string either(const Items &items) {
  return joined(items, std::identity{}, ", ", " or ");
}

}  // namespace regcred::core
