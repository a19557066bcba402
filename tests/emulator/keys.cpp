// SPDX-License-Identifier: Apache-2.0
#include "emulator/keys.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <memory>
#include <optional>
#include <regcred/base64.hpp>
#include <regcred/testing/fake_request.hpp>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace regcred::emulator {
namespace {

using testing::KeyPtr;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

[[noreturn]] void cannot(const char *what) { throw std::runtime_error(std::string("OpenSSL cannot ") + what); }

std::string bytes_in(const nlohmann::json &jwk, const char *member) {
  std::optional<std::string> bytes = base64url_decode(jwk.at(member).get<std::string>());
  if (!bytes) throw std::runtime_error("a key that is not base64url");
  return std::move(*bytes);
}

std::string sha256_of_public_key(EVP_PKEY *key) {
  unsigned char *der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) cannot("encode a key");
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(der, static_cast<std::size_t>(size), reinterpret_cast<unsigned char *>(digest.data()));
  OPENSSL_free(der);
  return digest;
}

std::string number_of(EVP_PKEY *key, const char *name) {
  BIGNUM *raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) throw std::runtime_error("no RSA key");
  const Number number(raw, &BN_free);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(raw)), '\0');
  BN_bn2bin(raw, reinterpret_cast<unsigned char *>(bytes.data()));
  return bytes;
}

Number to_number(const std::string &bytes) {
  return {BN_bin2bn(reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<int>(bytes.size()), nullptr),
          &BN_free};
}

}  // namespace

KeyPtr make_key(KeyKind kind) {
  KeyPtr key(kind == KeyKind::rsa_2048 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
  if (!key) cannot("make a key");
  return key;
}

KeyPtr key_from_pem(const std::string &pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                      &BIO_free);
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key) throw std::runtime_error("no private key in PEM form");
  return key;
}

std::string public_pem(EVP_PKEY *key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (PEM_write_bio_PUBKEY(bio.get(), key) != 1) cannot("write a key");
  char *bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

nlohmann::json to_jwk(EVP_PKEY *rsa_key) {
  return {{"kty", "RSA"},
          {"alg", "RS256"},
          {"use", "sig"},
          {"kid", base64url_encode(sha256_of_public_key(rsa_key))},
          {"n", base64url_encode(number_of(rsa_key, OSSL_PKEY_PARAM_RSA_N))},
          {"e", base64url_encode(number_of(rsa_key, OSSL_PKEY_PARAM_RSA_E))}};
}

std::string public_pem_from_jwk(const nlohmann::json &jwk) {
  if (jwk.value("kty", "") != "RSA") throw std::runtime_error("no RSA key");
  const Number n = to_number(bytes_in(jwk, "n"));
  const Number e = to_number(bytes_in(jwk, "e"));
  const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(OSSL_PARAM_BLD_new(),
                                                                                &OSSL_PARAM_BLD_free);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(OSSL_PARAM_BLD_to_param(builder.get()),
                                                                           &OSSL_PARAM_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY *raw = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    cannot("read a key");
  }
  const KeyPtr key(raw);
  return public_pem(key.get());
}

std::string libtrust_key_id(EVP_PKEY *key) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::size_t bytes_used = 30;  // 240 bits: 48 digits of 5 bits
  const std::string digest = sha256_of_public_key(key);
  std::string id;
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < bytes_used; ++i) {
    bits = (bits << 8U) | static_cast<unsigned char>(digest[i]);
    for (held += 8; held >= 5; held -= 5) {
      if (digits > 0 && digits % 4 == 0) id += ':';
      id += alphabet[(bits >> (held - 5)) & 0x1FU];
      ++digits;
    }
  }
  return id;
}

}  // namespace regcred::emulator
