// SPDX-License-Identifier: Apache-2.0
// Signing keys of issuers: made fresh at each start, published as JWKS (RFC 7517).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "support/certificates.hpp"

namespace regcred::emulator {

enum class KeyKind { rsa_2048, p_256 };

// Throws std::runtime_error when OpenSSL cannot.
[[nodiscard]] testing::KeyPtr make_key(KeyKind kind);
[[nodiscard]] testing::KeyPtr key_from_pem(const std::string &pem);

// PEM of the public half.
[[nodiscard]] std::string public_pem(EVP_PKEY *key);

// Of an RSA key: {"kty":"RSA","n":...,"e":...,"alg":"RS256","use":"sig","kid":...}, as kube-apiserver publishes it; kid
// is the base64url SHA-256 of the public key's DER.
[[nodiscard]] nlohmann::json to_jwk(EVP_PKEY *rsa_key);

// The reverse, as PEM of the public key. Throws std::runtime_error for anything else than an RSA key.
[[nodiscard]] std::string public_pem_from_jwk(const nlohmann::json &jwk);

// How docker-registry names a key of its rootcertbundle (libtrust): base32 of the first 30 bytes of the SHA-256 of the
// public key's DER, in groups of four with ':' between.
[[nodiscard]] std::string libtrust_key_id(EVP_PKEY *key);

}  // namespace regcred::emulator
