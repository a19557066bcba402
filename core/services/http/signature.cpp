// SPDX-License-Identifier: Apache-2.0
#include "services/http/signature.hpp"

#include <openssl/core_names.h>

#include <string>

#include "services/http/openssl_owned.hpp"

namespace regcred::core {
namespace {

// RFC 7518, 3.3 and 3.4.
struct Algorithm {
  std::string_view name;
  std::string_view key_type;
  const char *digest;
  std::string_view curve;  // EC
  const char *group;
  std::size_t coordinate_bytes;  // half of the signature
};
constexpr Algorithm algorithms[] = {
    {"RS256", "RSA", "SHA256", "", "", 0},
    {"RS384", "RSA", "SHA384", "", "", 0},
    {"RS512", "RSA", "SHA512", "", "", 0},
    {"ES256", "EC", "SHA256", "P-256", "prime256v1", 32},
    {"ES384", "EC", "SHA384", "P-384", "secp384r1", 48},
    {"ES512", "EC", "SHA512", "P-521", "secp521r1", 66},
};

Owned<BIGNUM> number_of(std::string_view bytes) {
  return Owned<BIGNUM>(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

Owned<EVP_PKEY> key_from(const char *type, OSSL_PARAM_BLD *builder) {
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY *key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Owned<EVP_PKEY>(key);
}

Owned<EVP_PKEY> rsa_key(const PublicKey &key) {
  constexpr std::size_t modulus_bytes_max = 1024;  // 8192 bits: what verifies in a moment
  if (key.n.empty() || key.n.size() > modulus_bytes_max || key.e.empty() || key.e.size() > 8) return nullptr;
  const Owned<BIGNUM> n = number_of(key.n);
  const Owned<BIGNUM> e = number_of(key.e);
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return key_from("RSA", builder.get());
}

Owned<EVP_PKEY> ec_key(const PublicKey &key, const Algorithm &algorithm) {
  const std::size_t size = algorithm.coordinate_bytes;
  if (key.curve != algorithm.curve || key.x.size() != size || key.y.size() != size) return nullptr;
  const std::string point = '\x04' + std::string(key.x) + std::string(key.y);  // SEC 1, 2.3.3: uncompressed
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, algorithm.group, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return nullptr;
  }
  return key_from("EC", builder.get());
}

// From r and s side by side (RFC 7518, 3.4) to the DER that OpenSSL reads; empty when it is not such a signature.
std::string der_signature(std::string_view signature, std::size_t coordinate_bytes) {
  if (signature.size() != 2 * coordinate_bytes) return {};
  const Owned<ECDSA_SIG> pair(ECDSA_SIG_new());
  Owned<BIGNUM> r = number_of(signature.substr(0, coordinate_bytes));
  Owned<BIGNUM> s = number_of(signature.substr(coordinate_bytes));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // the pair's now
  static_cast<void>(s.release());
  unsigned char *der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<char *>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

SignatureCheck check(const SignedToken &token, const PublicKey &key) {
  const Algorithm *algorithm = nullptr;
  for (const Algorithm &candidate : algorithms) {
    if (candidate.name == token.algorithm) algorithm = &candidate;
  }
  if (algorithm == nullptr) return SignatureCheck::unknown_algorithm;
  if (key.type != algorithm->key_type) return SignatureCheck::unusable_key;
  const bool is_ec = algorithm->coordinate_bytes > 0;
  const Owned<EVP_PKEY> public_key = is_ec ? ec_key(key, *algorithm) : rsa_key(key);
  if (!public_key) return SignatureCheck::unusable_key;

  const std::string signature =
      is_ec ? der_signature(token.signature, algorithm->coordinate_bytes) : std::string(token.signature);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  if (!context || EVP_DigestVerifyInit_ex(context.get(), nullptr, algorithm->digest, nullptr, nullptr, public_key.get(),
                                          nullptr) != 1) {
    return SignatureCheck::not_checked;
  }
  const int verdict = EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                       bytes_of(token.signing_input), token.signing_input.size());
  return verdict == 1 ? SignatureCheck::fits : SignatureCheck::does_not_fit;
}

}  // namespace

SignatureCheck check_signature(const SignedToken &token, const PublicKey &key) noexcept {
  try {
    return check(token, key);
  } catch (...) {
    return SignatureCheck::not_checked;
  }
}

}  // namespace regcred::core
