// SPDX-License-Identifier: Apache-2.0
// regcred_crypto_v1 of the ABI over a CryptoSource.
#pragma once

#include <regcred/abi.h>

#include <cstdint>
#include <functional>
#include <regcred/secret.hpp>
#include <string_view>

#include "common/result.hpp"
#include "services/http/crypto.hpp"

namespace regcred::core {

// Owns the table; refers to the source, which may be null: every call is INTERNAL then. Not movable, since the table
// points into it. No exception leaves its functions.
class CryptoTable {
 public:
  // A private key's file, by the rules of regcred.secret/1.
  using ReadSecret = std::function<Result<Secret>(std::string_view name)>;

  CryptoTable(CryptoSource *source, ReadSecret read_secret);
  CryptoTable(const CryptoTable &) = delete;
  CryptoTable &operator=(const CryptoTable &) = delete;

  [[nodiscard]] const regcred_crypto_v1 *table() const { return &table_; }

 private:
  static std::int32_t sha256(void *context, regcred_slice data, const regcred_bytes_sink_v1 *digest,
                             const regcred_bytes_sink_v1 *error) noexcept;
  static std::int32_t hmac_sha256(void *context, regcred_slice key, regcred_slice data,
                                  const regcred_bytes_sink_v1 *mac, const regcred_bytes_sink_v1 *error) noexcept;
  static std::int32_t rsa_sha256(void *context, regcred_slice key_name, regcred_slice data,
                                 const regcred_bytes_sink_v1 *signature, const regcred_bytes_sink_v1 *error) noexcept;

  // `compute` fills in the value that goes to `sink`.
  template <class Value, class Compute>
  static std::int32_t hand_over(void *context, const regcred_bytes_sink_v1 *sink, const regcred_bytes_sink_v1 *error,
                                Compute compute) noexcept;

  CryptoSource *source_;
  ReadSecret read_secret_;
  regcred_crypto_v1 table_{};
};

}  // namespace regcred::core
