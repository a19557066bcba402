// SPDX-License-Identifier: Apache-2.0
// Generated certificates, so that tests use real TLS without changing the machine's trusted roots.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

namespace regcred::testing {

struct CertificateDeleter {
  void operator()(X509 *certificate) const noexcept { X509_free(certificate); }
  void operator()(EVP_PKEY *key) const noexcept { EVP_PKEY_free(key); }
};
using CertificatePtr = std::unique_ptr<X509, CertificateDeleter>;
using KeyPtr = std::unique_ptr<EVP_PKEY, CertificateDeleter>;

// A server's certificate and its key (P-256).
struct Identity {
  CertificatePtr certificate;
  KeyPtr key;
};

// A certificate authority that lives as long as the test.
class CertificateAuthority {
 public:
  // Throws std::runtime_error when OpenSSL cannot.
  explicit CertificateAuthority(const std::string &name);

  // For the names, each a DNS name or an address, valid from now + `from_days` to now + `to_days`.
  [[nodiscard]] Identity issue(const std::vector<std::string> &names, int from_days = -1, int to_days = 7) const;

  // The CA's own certificate.
  [[nodiscard]] std::string pem() const;
  // Its name in a hashed directory: "5ed36f99.0".
  [[nodiscard]] std::string hash_name() const;

 private:
  Identity own_;
};

// A server's certificate that no authority signed, but its own key.
[[nodiscard]] Identity self_signed(const std::string &name);

[[nodiscard]] std::string to_pem(X509 *certificate);
[[nodiscard]] std::string to_pem(EVP_PKEY *key);  // PKCS #8, not encrypted

}  // namespace regcred::testing
