// SPDX-License-Identifier: Apache-2.0
#include "services/http/crypto.hpp"

#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "services/http/openssl_owned.hpp"

namespace regcred::core {
namespace {

constexpr int rsa_bits_min = 2048;

unsigned char *buffer_of(Digest &digest) { return reinterpret_cast<unsigned char *>(digest.data()); }

// OpenSSL's own would ask on the terminal.
int no_passphrase(char *, int, int, void *) { return -1; }

Owned<EVP_PKEY> private_rsa_key(std::string_view pem) {
  const Owned<BIO> bytes(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bytes) return nullptr;
  Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bytes.get(), nullptr, &no_passphrase, nullptr));
  // guard: rsa-key-bits
  if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1 || EVP_PKEY_get_bits(key.get()) < rsa_bits_min) return nullptr;
  return key;
}

}  // namespace

bool sha256(std::string_view data, Digest &digest) noexcept {
  return EVP_Digest(data.data(), data.size(), buffer_of(digest), nullptr, EVP_sha256(), nullptr) == 1;
}

bool hmac_sha256(std::string_view key, std::string_view data, Digest &mac) noexcept {
  constexpr const char *no_key = "";  // null would mean the key of an earlier call
  return HMAC(EVP_sha256(), key.empty() ? no_key : key.data(), static_cast<int>(key.size()), bytes_of(data),
              data.size(), buffer_of(mac), nullptr) != nullptr;
}

RsaSigning sign_rsa_sha256(std::string_view pem, std::string_view data, std::string &signature) noexcept {
  try {
    const Owned<EVP_PKEY> key = private_rsa_key(pem);
    if (!key) return RsaSigning::unusable_key;
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    signature.resize(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
    std::size_t size = signature.size();
    // PKCS #1 v1.5 is the padding of an RSA key that is not restricted to PSS.
    if (!context ||
        EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(), nullptr) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char *>(signature.data()), &size, bytes_of(data),
                       data.size()) != 1) {
      return RsaSigning::not_signed;
    }
    signature.resize(size);
    return RsaSigning::done;
  } catch (...) {
    return RsaSigning::not_signed;
  }
}

}  // namespace regcred::core
