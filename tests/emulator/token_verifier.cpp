// SPDX-License-Identifier: Apache-2.0
#include "emulator/token_verifier.hpp"

#include <httplib.h>

#include <stdexcept>

#include "emulator/jwt.hpp"
#include "emulator/keys.hpp"

namespace regcred::emulator {
namespace {

nlohmann::json get_json(const std::string &url) {
  const std::size_t path = url.find('/', url.find("://") + 3);
  httplib::Client client(url.substr(0, path));
  client.enable_server_certificate_verification(false);  // issuers of tests have certificates of their own making
  const httplib::Result result = client.Get(path == std::string::npos ? "/" : url.substr(path));
  if (!result || result->status != 200) throw std::runtime_error(url + " cannot be read");
  return nlohmann::json::parse(result->body);
}

}  // namespace

nlohmann::json verify_against_issuer(const std::string &token, const std::string &issuer) {
  const UnverifiedJwt unverified = read_jwt(token);
  if (unverified.claims.value("iss", "") != issuer) throw std::runtime_error("another issuer");
  const nlohmann::json discovery = get_json(issuer + "/.well-known/openid-configuration");
  if (discovery.at("issuer") != issuer) throw std::runtime_error("the discovery document is another issuer's");
  const std::string key_id = unverified.header.value("kid", "");
  const nlohmann::json keys = get_json(discovery.at("jwks_uri"));
  for (const nlohmann::json &key : keys.at("keys")) {
    if (key.value("kid", "") == key_id) return verify_jwt(token, "RS256", public_pem_from_jwk(key));
  }
  throw std::runtime_error("no key with the token's kid");
}

}  // namespace regcred::emulator
