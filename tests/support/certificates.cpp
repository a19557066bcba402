// SPDX-License-Identifier: Apache-2.0
#include "support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace regcred::testing {
namespace {

void require(bool done, const char *what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

void add_extension(X509 *certificate, X509 *issuer, int nid, const std::string &value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION *const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  require(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Which key signed it, and which is its own (RFC 5280, 4.2.1.1 and 4.2.1.2): strict verifiers ask for both. The issuer
// of a self-signed one needs its own identifier first.
void add_key_identifiers(X509 *certificate, X509 *issuer) {
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
}

Identity blank(const std::string &common_name, int from_days, int to_days) {
  Identity identity{CertificatePtr(X509_new()), KeyPtr(EVP_EC_gen("P-256"))};
  require(identity.certificate && identity.key, "key");
  X509 *const certificate = identity.certificate.get();
  std::array<unsigned char, 8> serial{};
  require(RAND_bytes(serial.data(), serial.size()) == 1, "random serial");
  serial[0] &= 0x7FU;
  BIGNUM *const number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
  X509_set_version(certificate, X509_VERSION_3);
  X509_time_adj_ex(X509_getm_notBefore(certificate), from_days, 0, nullptr);
  X509_time_adj_ex(X509_getm_notAfter(certificate), to_days, 0, nullptr);
  X509_set_pubkey(certificate, identity.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char *>(common_name.c_str()), -1, -1, 0);
  return identity;
}

bool is_address(const std::string &name) {
  return name.find(':') != std::string::npos || name.find_first_not_of("0123456789.") == std::string::npos;
}

template <class Write>
std::string written(Write write) {
  BIO *const bio = BIO_new(BIO_s_mem());
  require(write(bio) == 1, "PEM");
  char *bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

}  // namespace

CertificateAuthority::CertificateAuthority(const std::string &name) : own_(blank(name, -2, 30)) {
  X509 *const certificate = own_.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_key_identifiers(certificate, certificate);
  require(X509_sign(certificate, own_.key.get(), EVP_sha256()) != 0, "signature of the CA");
}

Identity CertificateAuthority::issue(const std::vector<std::string> &names, int from_days, int to_days) const {
  Identity identity = blank(names.front(), from_days, to_days);
  X509 *const certificate = identity.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(own_.certificate.get()));
  std::string alternatives;
  for (const std::string &name : names) {
    alternatives += (alternatives.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
  }
  add_extension(certificate, own_.certificate.get(), NID_subject_alt_name, alternatives);
  add_extension(certificate, own_.certificate.get(), NID_ext_key_usage, "serverAuth");
  add_key_identifiers(certificate, own_.certificate.get());
  require(X509_sign(certificate, own_.key.get(), EVP_sha256()) != 0, "signature");
  return identity;
}

std::string CertificateAuthority::pem() const { return to_pem(own_.certificate.get()); }

std::string CertificateAuthority::hash_name() const {
  std::array<char, 16> name{};
  std::snprintf(name.data(), name.size(), "%08lx.0", X509_subject_name_hash(own_.certificate.get()));
  return name.data();
}

Identity self_signed(const std::string &name) {
  Identity identity = blank(name, -1, 7);
  X509 *const certificate = identity.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_subject_alt_name, "DNS:" + name);
  add_key_identifiers(certificate, certificate);
  require(X509_sign(certificate, identity.key.get(), EVP_sha256()) != 0, "signature by itself");
  return identity;
}

std::string to_pem(X509 *certificate) {
  return written([&](BIO *bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string to_pem(EVP_PKEY *key) {
  return written(
      [&](BIO *bio) { return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

}  // namespace regcred::testing
