// SPDX-License-Identifier: Apache-2.0
// What the node's memory did for one request: for the journal and the metrics.
#pragma once

#include <cstdint>
#include <string_view>

namespace regcred::core {

enum class CacheUse {
  off,        // the entry does not use it, or it could not be used
  hit,        // a stored answer, without waiting
  waited,     // a stored answer, after waiting for the execution that got it
  adopted,    // the failure of another execution, after waiting for it
  miss,       // the registry was asked
  alone,      // the registry was asked beside another execution, since the wait was over or its answer is not shared
  stale,      // the registry was asked and failed; a stored answer that is still alive
  throttled,  // nobody was asked: the host wants no requests until later
};

// "hit"; empty for `off`.
[[nodiscard]] constexpr std::string_view name_of(CacheUse use) noexcept {
  constexpr std::string_view names[] = {"", "hit", "waited", "adopted", "miss", "alone", "stale", "throttled"};
  return names[static_cast<std::size_t>(use)];
}

struct CacheNote {
  CacheUse use = CacheUse::off;
  std::int64_t age_seconds = -1;  // of the stored answer; -1: none was used
  bool corrupt = false;           // a stored answer could not be read, and did not count
};

}  // namespace regcred::core
