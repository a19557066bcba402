// SPDX-License-Identifier: Apache-2.0
// How long, and for what, the kubelet may reuse an answer. Pure arithmetic.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/request.hpp"

namespace regcred::core {

// cacheDuration for a credential that lives `lifetime_seconds` from now (REGCRED_LIFETIME_UNKNOWN: -1): the lifetime
// less a margin of max(60 s, 10 %), at most `cache_max` when the operator set one. Never negative, never longer than
// the credential lives; absent when the lifetime is unknown and there is no `cache_max`, so that the operator's
// defaultCacheDuration applies. An unknown lifetime with a `cache_max` gives `cache_max`.
// `spread`, 0 to 1, takes off up to a tenth more of what it is for: equal nodes that start together would else renew in
// the same second. Nothing is subtracted from a lifetime that `has_margin` already.
[[nodiscard]] std::optional<std::chrono::seconds> cache_duration(std::int64_t lifetime_seconds,
                                                                 std::optional<std::chrono::seconds> cache_max,
                                                                 bool has_margin = false, double spread = 0.0);

// The `spread` of what `who` names on the node that `node_id` names: always the same, and another one on other nodes.
// 0 without a node_id.
[[nodiscard]] double spread_of(std::string_view node_id, std::string_view who);

// `registry` only when the backend says so (REGCRED_SCOPE_REGISTRY), the route says that no other entry could answer
// another path of the host, and no credential is limited to a path. Else `image`, so that the kubelet does not use one
// path's credential for another path.
[[nodiscard]] CacheKeyType cache_key_type(std::int32_t backend_scope, bool route_is_whole_registry,
                                          bool path_scoped_auth);

}  // namespace regcred::core
