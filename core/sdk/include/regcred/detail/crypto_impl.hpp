// SPDX-License-Identifier: Apache-2.0
// The bodies of crypto.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <regcred/crypto.hpp>
#include <regcred/detail/slice.hpp>
#include <utility>

namespace regcred {

namespace detail {

// What `call` (result sink, error sink) puts out.
template <class Call>
[[nodiscard]] Result<Secret> bytes_of_call(Call call) {
  Secret value;
  std::string error;
  const regcred_bytes_sink_v1 value_sink = sink_to(&value, &take_secret);
  const regcred_bytes_sink_v1 error_sink = sink_to(&error, &take_text);
  const std::int32_t code = call(&value_sink, &error_sink);
  if (code == REGCRED_OK) return value;
  if (error.empty()) error = "the host could not compute a digest or signature";
  return failure(static_cast<Code>(code), std::move(error));
}

[[nodiscard]] inline tl::unexpected<Failure> no_crypto() {
  return failure(Code::internal, "this host has no service " REGCRED_SERVICE_CRYPTO);
}

[[nodiscard]] inline Result<std::string> as_text(const Result<Secret> &bytes) {
  if (!bytes) return tl::make_unexpected(bytes.error());
  return std::string(bytes->reveal());
}

}  // namespace detail

inline Crypto::Crypto(const Host &host) noexcept : service_(host.service<regcred_crypto_v1>(REGCRED_SERVICE_CRYPTO)) {}

inline Result<std::string> Crypto::sha256(std::string_view data) const {
  if (service_ == nullptr) return detail::no_crypto();
  return detail::as_text(detail::bytes_of_call([&](const auto *digest, const auto *error) {
    return service_->sha256(service_->context, detail::to_slice(data), digest, error);
  }));
}

inline Result<Secret> Crypto::hmac_sha256(std::string_view key, std::string_view data) const {
  if (service_ == nullptr) return detail::no_crypto();
  return detail::bytes_of_call([&](const auto *mac, const auto *error) {
    return service_->hmac_sha256(service_->context, detail::to_slice(key), detail::to_slice(data), mac, error);
  });
}

inline Result<std::string> Crypto::rsa_sha256(std::string_view key_name, std::string_view data) const {
  if (service_ == nullptr) return detail::no_crypto();
  return detail::as_text(detail::bytes_of_call([&](const auto *signature, const auto *error) {
    return service_->rsa_sha256(service_->context, detail::to_slice(key_name), detail::to_slice(data), signature,
                                error);
  }));
}

inline std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(digits[byte >> 4U]);
    text.push_back(digits[byte & 0xFU]);
  }
  return text;
}

}  // namespace regcred
