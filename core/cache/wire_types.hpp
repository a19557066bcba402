// SPDX-License-Identifier: Apache-2.0
// What several files of this folder write in the same way.
#pragma once

#include "cache/entry.hpp"
#include "worker/wire.hpp"

namespace regcred::core {

inline constexpr std::size_t cache_name_bytes_max = 512;  // a namespace and a name have at most 63 and 253

template <class Wire>
void on_wire(Wire &wire, NodeTime &time) {
  wire.number(time.unix_ms);
  wire.number(time.boot_ms);
  wire.text(time.boot_id, 64);
}

// Whether sums with it stay far from the end of the numbers.
[[nodiscard]] inline bool is_possible(const NodeTime &time) {
  constexpr std::int64_t ms_max = 253'402'300'800'000;  // the year 10000
  return time.unix_ms >= 0 && time.unix_ms < ms_max && time.boot_ms >= 0 && time.boot_ms < ms_max;
}

}  // namespace regcred::core
