// SPDX-License-Identifier: Apache-2.0
// Where a registry's answer says how long a credential lives.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace regcred::conformance {

enum class ExpiryChange { removed, past };

// The JSON `body` with every expiry in it removed, or moved an hour before `now`. Recognised: members whose name says
// so (expires_in, expiresAt, expiration, lease_duration, ttl: seconds, seconds or milliseconds since 1970, or an
// RFC 3339 time), and the exp claim of every JWT among the texts, whose signature is then wrong. nullopt: none found.
[[nodiscard]] std::optional<std::string> with_expiry(std::string_view body, ExpiryChange change,
                                                     std::chrono::seconds now);

}  // namespace regcred::conformance
