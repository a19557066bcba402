// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <iterator>

namespace regcred::core {

// Whether an element of `list` equals `item`.
template <class List, class Item>
[[nodiscard]] bool contains(const List &list, const Item &item) {
  return std::find(std::begin(list), std::end(list), item) != std::end(list);
}

}  // namespace regcred::core
