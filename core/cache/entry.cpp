// SPDX-License-Identifier: Apache-2.0
#include "cache/entry.hpp"

#include <algorithm>

#include "cache/sealed.hpp"
#include "cache/wire_types.hpp"
#include "common/limits.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view entry_magic = "regcred entry 1\n";
constexpr std::int64_t clock_step_ms = 1000;  // what NTP may set a clock back without an effect here

bool is_hex_key(std::string_view key) {
  return key.size() == 64 && key.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

template <class Wire>
void on_wire(Wire &wire, CacheEntry &entry) {
  wire.text(entry.key, 64);
  on_wire(wire, entry.created);
  wire.number(entry.usable_seconds);
  wire.number(entry.life_seconds);
  wire.choice(entry.scope, CacheKeyType::image, CacheKeyType::registry);
  wire.text(entry.name, cache_name_bytes_max);
  wire.text(entry.backend, cache_name_bytes_max);
  wire.text(entry.image, limits::image_bytes_max);
  wire.text(entry.service_account, cache_name_bytes_max);
  wire.secret(entry.payload, limits::cache_entry_bytes_max);
}

Secret encode_entry(CacheEntry &entry) { return sealed(entry_magic, entry); }

std::optional<CacheEntry> decode_entry(std::string_view bytes) {
  if (bytes.size() > limits::cache_entry_bytes_max) return std::nullopt;  // guard: cache-entry-limit
  std::optional<CacheEntry> entry = unsealed<CacheEntry>(entry_magic, bytes);
  if (!entry || !is_hex_key(entry->key) || !is_possible(entry->created)) return std::nullopt;
  const bool lives = entry->usable_seconds >= 0 && entry->usable_seconds <= entry->life_seconds &&
                     entry->life_seconds <= limits::lifetime_seconds_max;
  if (!lives) return std::nullopt;
  return entry;
}

std::optional<LifeLeft> life_left(const CacheEntry &entry, const NodeTime &now) {
  const NodeTime &created = entry.created;
  if (now.boot_id.empty() || created.boot_id != now.boot_id) return std::nullopt;  // guard: cache-boot-id
  // guard: cache-from-future
  if (created.boot_ms > now.boot_ms || created.unix_ms > now.unix_ms + clock_step_ms) return std::nullopt;
  // guard: cache-two-clocks
  const std::int64_t passed_ms = std::max(now.boot_ms - created.boot_ms, now.unix_ms - created.unix_ms);
  const std::int64_t passed = (passed_ms + 999) / 1000;
  if (passed >= entry.life_seconds) return std::nullopt;  // guard: cache-expired
  return LifeLeft{passed_ms / 1000, entry.usable_seconds - passed, entry.life_seconds - passed};
}

}  // namespace regcred::core
