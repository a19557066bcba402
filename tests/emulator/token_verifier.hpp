// SPDX-License-Identifier: Apache-2.0
// How a registry verifies a cluster's token: discovery document and keys fetched from the issuer, then the signature.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace regcred::emulator {

// The claims of `token` when its signature fits a key of `issuer` (an http or https URL): RS256, key found by kid
// through ISSUER/.well-known/openid-configuration and its jwks_uri (OpenID Connect Discovery 1.0, section 4), `iss`
// equal to `issuer`, not expired. Throws std::runtime_error with the reason.
[[nodiscard]] nlohmann::json verify_against_issuer(const std::string &token, const std::string &issuer);

}  // namespace regcred::emulator
