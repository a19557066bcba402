// Whether a backend is given the pod's token: least privilege, and clear words when the token does not fit.
#pragma once

#include <string_view>

#include "common/registry_config.hpp"
#include "common/result.hpp"

namespace regcred::core {

// The token to hand to the backend of `entry`: `token` itself, or nothing when the entry or the backend does not use
// one. Fails with ErrorCode::config when
//  - a token is required and the kubelet sent none (its configuration lacks tokenAttributes), or
//  - the entry names an audience that the token's unverified `aud` does not contain, or the token cannot be read.
// The entry's serviceAccountToken rules; without it `declared`, the backend's own word. The result is a view of
// `token`. No text holds any part of the token but its audience.
[[nodiscard]] Result<std::string_view> token_for_backend(const RegistryEntry &entry, TokenUse declared,
                                                         std::string_view token);

}  // namespace regcred::core
