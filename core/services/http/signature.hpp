// SPDX-License-Identifier: Apache-2.0
// Whether a published key verifies a signed token. regcred verifies signatures only here, and only for `doctor`.
// Credentials never depend on it: the registry verifies the token.
#pragma once

#include <string_view>

namespace regcred::core {

enum class SignatureCheck {
  fits,
  does_not_fit,
  unknown_algorithm,  // neither RS256, RS384, RS512 nor ES256, ES384, ES512 (RFC 7518, 3.1)
  unusable_key,       // the key is of another kind, or damaged
  not_checked,        // OpenSSL failed
};

// Views into what the caller holds. Bytes are decoded already.
struct SignedToken {
  std::string_view signing_input;  // header and payload as they stand in the token, with the dot (RFC 7515, 5.1)
  std::string_view signature;
  std::string_view algorithm;  // `alg` of the token's header
};

// The members of a JSON Web Key (RFC 7518, 6.2 and 6.3) that the algorithm needs, decoded from base64url.
struct PublicKey {
  std::string_view type;   // kty: RSA or EC
  std::string_view n, e;   // RSA
  std::string_view curve;  // EC: crv
  std::string_view x, y;
};

[[nodiscard]] SignatureCheck check_signature(const SignedToken &token, const PublicKey &key) noexcept;

}  // namespace regcred::core
