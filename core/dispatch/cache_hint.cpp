// SPDX-License-Identifier: Apache-2.0
#include "dispatch/cache_hint.hpp"

#include <regcred/abi.h>

#include <algorithm>

namespace regcred::core {

std::optional<std::chrono::seconds> cache_duration(std::int64_t lifetime_seconds,
                                                   std::optional<std::chrono::seconds> cache_max, bool has_margin) {
  if (lifetime_seconds < 0) return cache_max;
  const std::int64_t margin_seconds = has_margin ? 0 : std::max<std::int64_t>(60, lifetime_seconds / 10);
  // guard: cache-margin
  const std::chrono::seconds usable{std::max<std::int64_t>(0, lifetime_seconds - margin_seconds)};
  return cache_max ? std::min(usable, *cache_max) : usable;  // guard: cache-max
}

CacheKeyType cache_key_type(std::int32_t backend_scope, bool route_is_whole_registry, bool path_scoped_auth) {
  // guard: path-not-cached-for-host
  const bool whole_host = backend_scope == REGCRED_SCOPE_REGISTRY && route_is_whole_registry && !path_scoped_auth;
  return whole_host ? CacheKeyType::registry : CacheKeyType::image;
}

}  // namespace regcred::core
