// SPDX-License-Identifier: Apache-2.0
// Signed and verified tokens. The plugin itself only ever reads claims; issuers and registries do this.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace regcred::emulator {

// A compact JWS of `claims`. `algorithm` is RS256 or ES256, `key_pem` the private key.
[[nodiscard]] std::string sign_jwt(const nlohmann::json &claims, const std::string &algorithm,
                                   const std::string &key_pem, const std::string &key_id);

// The claims of `token`. Throws std::runtime_error when signature or algorithm do not fit, when it has expired, or is
// not valid yet.
[[nodiscard]] nlohmann::json verify_jwt(const std::string &token, const std::string &algorithm,
                                        const std::string &public_key_pem);

// Header and claims without any verification. Throws std::runtime_error when `token` is not a JWT.
struct UnverifiedJwt {
  nlohmann::json header;
  nlohmann::json claims;
};
[[nodiscard]] UnverifiedJwt read_jwt(const std::string &token);

}  // namespace regcred::emulator
