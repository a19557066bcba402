// SPDX-License-Identifier: Apache-2.0
#include "services/http/peer_chain.hpp"

#include <openssl/x509v3.h>

#include <ctime>

#include "common/text.hpp"
#include "common/utc_time.hpp"
#include "services/http/openssl_owned.hpp"

namespace regcred::core {
namespace {

constexpr int certificates_max = 10;
constexpr int names_max = 6;
constexpr std::size_t name_bytes_max = 200;

std::string text_of(X509_NAME *name) {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  if (!bio) return {};
  // RFC 2253 with UTF-8 as it is; printable() takes care of the rest.
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char *bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return printable({bytes, static_cast<std::size_t>(size)}, name_bytes_max);
}

std::string time_of(const ASN1_TIME *time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  return utc_text(parts);
}

std::string address_of(const ASN1_OCTET_STRING *bytes) {
  const unsigned char *data = ASN1_STRING_get0_data(bytes);
  std::string text;
  for (int i = 0; i < ASN1_STRING_length(bytes) && i < 4; ++i) text += (i == 0 ? "" : ".") + std::to_string(data[i]);
  return ASN1_STRING_length(bytes) == 4 ? text : "an IPv6 address";
}

std::string names_of(X509 *certificate) {
  auto *const names =
      static_cast<GENERAL_NAMES *>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string text;
  int shown = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(names) && shown <= names_max; ++i) {
    const GENERAL_NAME *const name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    text += shown == 0 ? "" : ", ";
    if (++shown > names_max) {
      text += "...";
    } else if (name->type == GEN_DNS) {
      const auto *const data = reinterpret_cast<const char *>(ASN1_STRING_get0_data(name->d.dNSName));
      text += printable({data, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}, name_bytes_max);
    } else {
      text += address_of(name->d.iPAddress);
    }
  }
  GENERAL_NAMES_free(names);
  return text;
}

void take_chain(X509_STORE_CTX *verification, PeerChain &chain) {
  STACK_OF(X509) *const sent = X509_STORE_CTX_get0_untrusted(verification);
  for (int i = 0; i < sk_X509_num(sent) && i < certificates_max; ++i) {
    X509 *const certificate = sk_X509_value(sent, i);
    const ASN1_TIME *const not_after = X509_get0_notAfter(certificate);
    chain.certificates.push_back({text_of(X509_get_subject_name(certificate)),
                                  text_of(X509_get_issuer_name(certificate)), i == 0 ? names_of(certificate) : "",
                                  time_of(not_after), X509_cmp_current_time(not_after) < 0});
  }
}

void look(int ok, X509_STORE_CTX *verification, PeerChain &chain) {
  if (chain.verify_result.empty()) {
    take_chain(verification, chain);
    chain.verify_result = "ok";
  }
  if (ok == 1 || chain.verify_result != "ok") return;
  X509 *const certificate = X509_STORE_CTX_get_current_cert(verification);
  chain.verify_result = X509_verify_cert_error_string(X509_STORE_CTX_get_error(verification));
  if (certificate != nullptr) chain.verify_result += " (" + text_of(X509_get_subject_name(certificate)) + ')';
}

extern "C" int watch_one(int ok, X509_STORE_CTX *verification) {
  auto *const session =
      static_cast<SSL *>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (session == nullptr) return ok;
  auto *const chain = static_cast<PeerChain *>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)));
  try {
    chain->tls_version = SSL_get_version(session);
    look(ok, verification, *chain);
  } catch (...) {
    chain->verify_result = "could not be looked at: out of memory";
  }
  return ok;  // guard: probe-verdict
}

}  // namespace

void watch_verification(SSL_CTX *context, PeerChain &chain) {
  SSL_CTX_set_app_data(context, &chain);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &watch_one);
}

}  // namespace regcred::core
