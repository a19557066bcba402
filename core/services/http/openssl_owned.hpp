// SPDX-License-Identifier: Apache-2.0
// OpenSSL's objects, each freed by its own function.
#pragma once

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <string_view>

namespace regcred::core {

struct OpensslDeleter {
  void operator()(BIO *bytes) const noexcept { BIO_free(bytes); }
  void operator()(BIGNUM *number) const noexcept { BN_free(number); }
  void operator()(OSSL_PARAM_BLD *builder) const noexcept { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM *parameters) const noexcept { OSSL_PARAM_free(parameters); }
  void operator()(EVP_PKEY *key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX *context) const noexcept { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX *context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG *signature) const noexcept { ECDSA_SIG_free(signature); }
};
template <class T>
using Owned = std::unique_ptr<T, OpensslDeleter>;

[[nodiscard]] inline const unsigned char *bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char *>(text.data());
}

}  // namespace regcred::core
