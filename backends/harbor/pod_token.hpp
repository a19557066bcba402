// What must hold before the pod's token is handed out as a password. The registry verifies the token; these checks keep
// it from registries that it is not for, and give the operator a reason where Harbor's 401 would give none.
#pragma once

#include <chrono>
#include <regcred/jwt.hpp>
#include <regcred/result.hpp>
#include <string>
#include <string_view>

#include "options.hpp"

namespace harbor {

// The host to be given the token, in lower case: the image's own when the options let it have one, else BAD_CONFIG.
[[nodiscard]] regcred::Result<std::string> served_registry(const Options &options, std::string_view registry);

// Whether a token with these unverified claims may be the password at `registry` (as served_registry() gives it).
// BAD_REQUEST with the claims to look at: expired by `unix_now`, or with an audience that is not this registry's. Every
// audience must be, since whoever holds the token can use it with each of them.
[[nodiscard]] regcred::Result<void> check_claims(const Options &options, std::string_view registry,
                                                 const regcred::UnverifiedClaims &claims,
                                                 std::chrono::seconds unix_now);

// `token's audience "...", issuer "...", subject "..."`: what a federated robot is matched by. At most `width` bytes of
// each.
[[nodiscard]] std::string told(const regcred::UnverifiedClaims &claims, std::size_t width = 80);

}  // namespace harbor
