// SPDX-License-Identifier: Apache-2.0
// The bodies of testing/leaks.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <cstddef>
#include <regcred/base64.hpp>
#include <regcred/http.hpp>
#include <regcred/testing/leaks.hpp>
#include <vector>

namespace regcred::test {

inline std::optional<std::string> find_leak(std::string_view secret, std::string_view text) {
  if (secret.size() < leak_bytes_min) {
    const bool found = !secret.empty() && text.find(secret) != std::string_view::npos;
    return found ? std::optional(std::string(secret)) : std::nullopt;
  }
  std::vector<std::string> forms = {std::string(secret), percent_encode(secret)};
  for (std::size_t skip = 0; skip < 3; ++skip) {
    forms.push_back(base64_encode(secret.substr(skip)));
    forms.push_back(base64url_encode(secret.substr(skip)));
  }
  for (std::size_t i = 0; i + leak_bytes_min <= text.size(); ++i) {
    const std::string_view window = text.substr(i, leak_bytes_min);
    for (const std::string &form : forms) {
      if (form.find(window) != std::string::npos) return std::string(window);
    }
  }
  return std::nullopt;
}

}  // namespace regcred::test
