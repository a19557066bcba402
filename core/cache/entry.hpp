// SPDX-License-Identifier: Apache-2.0
// A stored answer: its bytes, and for how long it counts. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>

#include "common/request.hpp"

namespace regcred::core {

// One point in time by both clocks of the node.
struct NodeTime {
  std::int64_t unix_ms = 0;
  std::int64_t boot_ms = 0;  // Clock::boot_ms()
  std::string boot_id;       // of this boot: boot_ms of another one means nothing
};

// The answer of a backend for one key (key.hpp).
struct CacheEntry {
  std::string key;  // 64 hexadecimal digits
  NodeTime created;
  std::int64_t usable_seconds = 0;  // from `created`: the duration that the kubelet got, margin and spread subtracted
  std::int64_t life_seconds = 0;    // from `created`: until the credential ends; at least usable_seconds
  CacheKeyType scope = CacheKeyType::image;
  // For people; none of it decides anything.
  std::string name;             // of the registry entry
  std::string backend;          // its name
  std::string image;            // that was asked for first; its host is what counts when the scope is the registry
  std::string service_account;  // NAMESPACE/NAME, or empty
  Secret payload;               // the worker's result, as dispatch/ writes it
};

// The bytes of a file: a magic text with the version, the fields, and SHA-256 of all that precedes.
[[nodiscard]] Secret encode_entry(CacheEntry &entry);

// The reverse. Empty for all bytes that encode_entry() does not write: cut, damaged, of another version, with numbers
// that cannot be, or more than limits::cache_entry_bytes_max. The bytes are hostile until they have passed this.
[[nodiscard]] std::optional<CacheEntry> decode_entry(std::string_view bytes);

// What is left of an entry.
struct LifeLeft {
  std::int64_t age_seconds = 0;
  std::int64_t usable_seconds = 0;  // may be negative: then the kubelet must not reuse it
  std::int64_t life_seconds = 0;    // 1 or more
};

// What is left of `entry` at `now`, by the clock that says less: a wall clock that was set back must not prolong a
// password. Empty when it is over, of another boot, or made later than `now`.
[[nodiscard]] std::optional<LifeLeft> life_left(const CacheEntry &entry, const NodeTime &now);

// Served without asking the registry only while at least this much is usable: 30 s, or half of what a short one had.
[[nodiscard]] inline std::int64_t refresh_before_seconds(const CacheEntry &entry) {
  const std::int64_t half = entry.usable_seconds / 2;
  return half >= 30 ? 30 : half < 1 ? 1 : half;
}

// An answer that is served although it could not be renewed is given for what is left of its life less this.
inline constexpr std::int64_t stale_margin_seconds = 30;

}  // namespace regcred::core
