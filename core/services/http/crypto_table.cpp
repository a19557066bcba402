// SPDX-License-Identifier: Apache-2.0
#include "services/http/crypto_table.hpp"

#include <regcred/detail/slice.hpp>
#include <string>
#include <utility>

#include "services/error_sink.hpp"

namespace regcred::core {
namespace {

using detail::to_view;

Status computed(bool done) {
  if (done) return {};
  return fail(ErrorCode::internal, "regcred.crypto/1", "OpenSSL failed: out of memory");
}

}  // namespace

CryptoTable::CryptoTable(CryptoSource *source, ReadSecret read_secret)
    : source_(source), read_secret_(std::move(read_secret)) {
  detail::set_header(table_);
  table_.context = this;
  table_.sha256 = &CryptoTable::sha256;
  table_.hmac_sha256 = &CryptoTable::hmac_sha256;
  table_.rsa_sha256 = &CryptoTable::rsa_sha256;
}

template <class Value, class Compute>
std::int32_t CryptoTable::hand_over(void *context, const regcred_bytes_sink_v1 *sink,
                                    const regcred_bytes_sink_v1 *error, Compute compute) noexcept {
  try {
    const CryptoTable &self = *static_cast<const CryptoTable *>(context);
    Result<const CryptoFunctions *> functions =
        self.source_ == nullptr ? fail(ErrorCode::internal, "regcred.crypto/1", "is not available to this call")
                                : self.source_->crypto();
    Value value{};
    Status done = functions ? compute(self, **functions, value) : tl::make_unexpected(std::move(functions.error()));
    if (done) {
      sink->bytes(sink->context, {value.data(), value.size()});
      return REGCRED_OK;
    }
    core::hand_over(done.error(), error);
    return done.error().code == ErrorCode::config ? REGCRED_BAD_CONFIG : REGCRED_INTERNAL;
  } catch (...) {
    return REGCRED_INTERNAL;
  }
}

std::int32_t CryptoTable::sha256(void *context, regcred_slice data, const regcred_bytes_sink_v1 *digest,
                                 const regcred_bytes_sink_v1 *error) noexcept {
  return hand_over<Digest>(context, digest, error,
                           [&](const CryptoTable &, const CryptoFunctions &functions, Digest &value) {
                             return computed(functions.sha256(to_view(data), value));
                           });
}

std::int32_t CryptoTable::hmac_sha256(void *context, regcred_slice key, regcred_slice data,
                                      const regcred_bytes_sink_v1 *mac, const regcred_bytes_sink_v1 *error) noexcept {
  return hand_over<Digest>(context, mac, error,
                           [&](const CryptoTable &, const CryptoFunctions &functions, Digest &value) {
                             return computed(functions.hmac_sha256(to_view(key), to_view(data), value));
                           });
}

std::int32_t CryptoTable::rsa_sha256(void *context, regcred_slice key_name, regcred_slice data,
                                     const regcred_bytes_sink_v1 *signature,
                                     const regcred_bytes_sink_v1 *error) noexcept {
  const auto sign = [&](const CryptoTable &self, const CryptoFunctions &functions, std::string &value) -> Status {
    const Result<Secret> key = self.read_secret_(to_view(key_name));
    if (!key) return tl::make_unexpected(key.error());
    const RsaSigning signing = functions.sign_rsa_sha256(key->reveal(), to_view(data), value);
    if (signing != RsaSigning::unusable_key) return computed(signing == RsaSigning::done);
    return fail(ErrorCode::config, std::string(to_view(key_name)),
                "is not a private RSA key of 2048 bits or more as PEM without a passphrase",
                "write the output of openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 into it, and give "
                "the public key to the registry");
  };
  return hand_over<std::string>(context, signature, error, sign);
}

}  // namespace regcred::core
