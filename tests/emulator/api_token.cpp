// SPDX-License-Identifier: Apache-2.0
#include "emulator/api_token.hpp"

#include "emulator/jwt.hpp"
#include "emulator/keys.hpp"
#include "emulator/messages.hpp"

namespace regcred::emulator {

ApiTokens::ApiTokens() : key_(make_key(KeyKind::p_256)) {}

std::string ApiTokens::issue(const ApiIdentity &identity, std::chrono::seconds lifetime) const {
  const std::int64_t now = unix_now();
  return sign_jwt({{"iss", "https://api.cloudsmith.io"},
                   {"sub", identity.service},
                   {"org", identity.org},
                   {"iat", now},
                   {"exp", now + lifetime.count()}},
                  "ES256", testing::to_pem(key_.get()), "api");
}

std::optional<ApiIdentity> ApiTokens::verify(const std::string &token) const {
  try {
    const nlohmann::json claims = verify_jwt(token, "ES256", public_pem(key_.get()));
    return ApiIdentity{claims.at("org"), claims.at("sub")};
  } catch (const std::exception &) {
    return std::nullopt;
  }
}

}  // namespace regcred::emulator
