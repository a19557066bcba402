// SPDX-License-Identifier: Apache-2.0
#include "emulator/jwt.hpp"

#include <jwt/jwt.hpp>
#include <vector>

namespace regcred::emulator {

std::string sign_jwt(const nlohmann::json &claims, const std::string &algorithm, const std::string &key_pem,
                     const std::string &key_id) {
  jwt::jwt_object token{jwt::params::algorithm(algorithm), jwt::params::secret(key_pem)};
  token.header().add_header("kid", key_id);
  for (const auto &[name, value] : claims.items()) token.add_claim(name, nlohmann::json(value));
  return token.signature();
}

nlohmann::json verify_jwt(const std::string &token, const std::string &algorithm, const std::string &public_key_pem) {
  const std::vector<std::string> algorithms = {algorithm};
  return jwt::decode(token, jwt::params::algorithms(algorithms), jwt::params::secret(public_key_pem),
                     jwt::params::verify(true))
      .payload()
      .create_json_obj();
}

UnverifiedJwt read_jwt(const std::string &token) {
  const std::vector<std::string> algorithms = {"RS256", "ES256"};
  const jwt::jwt_object read = jwt::decode(token, jwt::params::algorithms(algorithms), jwt::params::verify(false));
  return {read.header().create_json_obj(), read.payload().create_json_obj()};
}

}  // namespace regcred::emulator
