// SPDX-License-Identifier: Apache-2.0
#include "conformance/leak_finder.hpp"

#include <regcred/testing/leaks.hpp>

namespace regcred::conformance {
namespace {

constexpr std::size_t short_secret_bytes_min = 8;

std::string hex(std::string_view bytes, std::string_view digits) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 0xFU]);
  }
  return out;
}

std::vector<std::string> forms_of(std::string_view secret) {
  std::vector<std::string> forms = {std::string(secret), percent_encode(secret), hex(secret, "0123456789abcdef"),
                                    hex(secret, "0123456789ABCDEF")};
  for (std::size_t skip = 0; skip < 3; ++skip) {
    forms.push_back(base64_encode(secret.substr(skip)));
    forms.push_back(base64url_encode(secret.substr(skip)));
  }
  return forms;
}

}  // namespace

LeakFinder::LeakFinder(const std::vector<std::string> &secrets, const std::vector<std::string> &public_texts) {
  for (const std::string &secret : secrets) {
    if (secret.size() >= window_bytes) {
      for (const std::string &form : forms_of(secret)) add_windows(form);
    } else if (secret.size() >= short_secret_bytes_min) {
      short_secrets_.push_back(secret);
    }
  }
  for (const std::string &text : public_texts) {
    for (std::size_t i = 0; i + window_bytes <= text.size(); ++i) windows_.erase(text.substr(i, window_bytes));
  }
}

void LeakFinder::add_windows(std::string_view form) {
  for (std::size_t i = 0; i + window_bytes <= form.size(); ++i) windows_.emplace(form.substr(i, window_bytes));
}

std::optional<std::string> LeakFinder::find(std::string_view text) const {
  for (const std::string &secret : short_secrets_) {
    if (text.find(secret) != std::string_view::npos) return secret;
  }
  for (std::size_t i = 0; i + window_bytes <= text.size(); ++i) {
    std::string window(text.substr(i, window_bytes));
    if (windows_.count(window) != 0) return window;
  }
  return std::nullopt;
}

}  // namespace regcred::conformance
