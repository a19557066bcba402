// SPDX-License-Identifier: Apache-2.0
#include "services/http/openssl_words.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

#include "common/number.hpp"

namespace regcred::core {
namespace {

// Those that a TLS session with a verified server can come to. OpenSSL deprecates these functions since it loads all of
// its words by itself, unless an option forbids it.
void load_words() {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  ERR_load_ERR_strings();
  ERR_load_SSL_strings();
  ERR_load_X509_strings();
  ERR_load_ASN1_strings();
  ERR_load_EVP_strings();
  ERR_load_EC_strings();
  ERR_load_RSA_strings();
#pragma GCC diagnostic pop
}

}  // namespace

std::string with_openssl_words(std::string_view text) {
  constexpr std::string_view mark = "error:";
  constexpr std::size_t digits = 8;
  const std::size_t reason = text.find("reason(");
  const std::size_t start = text.substr(0, reason).rfind(mark);  // libcurl may say "TLS connect error: " before it
  if (reason == std::string_view::npos || start == std::string_view::npos) return std::string(text);
  const std::string_view number = text.substr(start + mark.size(), digits);
  const std::optional<unsigned long> code = number_of<unsigned long>(number, 16);
  if (!code || number.size() != digits) return std::string(text);
  load_words();
  std::array<char, 256> words{};
  ERR_error_string_n(*code, words.data(), words.size());
  return std::string(text.substr(0, start)) + words.data();
}

}  // namespace regcred::core
