// SPDX-License-Identifier: Apache-2.0
#include "dispatch/cache_hint.hpp"

#include <regcred/abi.h>

#include <algorithm>
#include <string>

#include "common/sha256.hpp"

namespace regcred::core {

namespace {

// `seconds` less `spread` of a tenth of `all`.
std::chrono::seconds spread_out(std::int64_t seconds, std::int64_t all, double spread) {
  const auto less = static_cast<std::int64_t>(static_cast<double>(all) * 0.1 * spread);
  return std::chrono::seconds(std::max<std::int64_t>(0, seconds - less));  // guard: cache-spread
}

}  // namespace

std::optional<std::chrono::seconds> cache_duration(std::int64_t lifetime_seconds,
                                                   std::optional<std::chrono::seconds> cache_max, bool has_margin,
                                                   double spread) {
  if (lifetime_seconds < 0) {
    if (!cache_max) return std::nullopt;
    return spread_out(cache_max->count(), cache_max->count(), spread);
  }
  const std::int64_t margin_seconds = has_margin ? 0 : std::max<std::int64_t>(60, lifetime_seconds / 10);
  // guard: cache-margin
  const std::int64_t usable = lifetime_seconds - margin_seconds;
  const bool is_limited = cache_max && cache_max->count() < usable;  // guard: cache-max
  if (has_margin) spread = 0.0;
  if (is_limited) return spread_out(cache_max->count(), cache_max->count(), spread);
  return spread_out(usable, lifetime_seconds, spread);
}

double spread_of(std::string_view node_id, std::string_view who) {
  if (node_id.empty()) return 0.0;
  const std::string digits = sha256_of_text(std::string(node_id) + '/' + std::string(who)).substr(0, 8);
  return static_cast<double>(std::stoul(digits, nullptr, 16)) / 4294967296.0;
}

CacheKeyType cache_key_type(std::int32_t backend_scope, bool route_is_whole_registry, bool path_scoped_auth) {
  // guard: path-not-cached-for-host
  const bool whole_host = backend_scope == REGCRED_SCOPE_REGISTRY && route_is_whole_registry && !path_scoped_auth;
  return whole_host ? CacheKeyType::registry : CacheKeyType::image;
}

}  // namespace regcred::core
