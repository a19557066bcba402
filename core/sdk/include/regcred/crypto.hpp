// SPDX-License-Identifier: Apache-2.0
// Digests and signatures, computed by the host: a backend links no cryptographic library, and a private key never
// leaves the host.
#pragma once

#include <regcred/abi.h>

#include <regcred/host.hpp>
#include <regcred/result.hpp>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>

namespace regcred {

// Copies refer to the same host, which must outlive them. All results are raw bytes. Every call fails with INTERNAL on
// a host that lacks the service, is damaged or has no memory; the text is fit to be handed on.
class Crypto {
 public:
  explicit Crypto(const Host &host) noexcept;

  // SHA-256 (FIPS 180-4): 32 bytes.
  [[nodiscard]] Result<std::string> sha256(std::string_view data) const;

  // HMAC with SHA-256 (RFC 2104): 32 bytes, which may be a key in turn.
  [[nodiscard]] Result<Secret> hmac_sha256(std::string_view key, std::string_view data) const;

  // The signature of `data` by RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2), RS256 of a JWT. `key_name` is a
  // name as SecretFiles::read() takes it; the file holds one private RSA key of 2048 bits or more as PEM, PKCS #8 or
  // PKCS #1, without a passphrase. BAD_CONFIG with the cause and the cure when it does not. In get_credentials() only.
  [[nodiscard]] Result<std::string> rsa_sha256(std::string_view key_name, std::string_view data) const;

 private:
  const regcred_crypto_v1 *service_;  // null on a host without it
};

// Two lower-case digits for each byte.
[[nodiscard]] inline std::string hex(std::string_view bytes);

}  // namespace regcred

#include <regcred/detail/crypto_impl.hpp>
