// SPDX-License-Identifier: Apache-2.0
// What regcred.crypto/1 computes, by OpenSSL. Part of the module; the program calls it through CryptoSource.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace regcred::core {

using Digest = std::array<char, 32>;

// FIPS 180-4, and HMAC of RFC 2104. False when OpenSSL fails.
[[nodiscard]] bool sha256(std::string_view data, Digest &digest) noexcept;
[[nodiscard]] bool hmac_sha256(std::string_view key, std::string_view data, Digest &mac) noexcept;

enum class RsaSigning {
  done,
  unusable_key,  // not one private RSA key of 2048 bits or more, as PEM without a passphrase
  not_signed,    // OpenSSL failed
};

// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2).
[[nodiscard]] RsaSigning sign_rsa_sha256(std::string_view pem, std::string_view data, std::string &signature) noexcept;

struct CryptoFunctions {
  bool (*sha256)(std::string_view data, Digest &digest) noexcept;
  bool (*hmac_sha256)(std::string_view key, std::string_view data, Digest &mac) noexcept;
  RsaSigning (*sign_rsa_sha256)(std::string_view pem, std::string_view data, std::string &signature) noexcept;
};

// Interface. Real: LazyHttp, which loads the module with the first use.
class CryptoSource {
 public:
  CryptoSource() = default;
  CryptoSource(const CryptoSource &) = delete;
  CryptoSource &operator=(const CryptoSource &) = delete;
  virtual ~CryptoSource() = default;

  // Not null, and valid as long as this object; or why the module cannot be loaded.
  [[nodiscard]] virtual Result<const CryptoFunctions *> crypto() = 0;
};

}  // namespace regcred::core
