// SPDX-License-Identifier: Apache-2.0
// What a service account token claims, unverified: read once, for the check of its audience and for the record.
#pragma once

#include <optional>
#include <string_view>

#include "common/request.hpp"

namespace regcred::core {

// The service account comes from the claim kubernetes.io, else from a `sub` of the form
// system:serviceaccount:NAMESPACE:NAME; the pod from the claim kubernetes.io alone. Empty when the token is not a
// readable JWT.
[[nodiscard]] std::optional<TokenClaims> read_token_claims(std::string_view token);

}  // namespace regcred::core
