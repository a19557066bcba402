// SPDX-License-Identifier: Apache-2.0
// Finds a secret, or a part of it in a common encoding, in text that people see.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <regcred/http.hpp>
#include <regcred/testing/fake_request.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace regcred::test {

// The first 12 bytes of `text` that are also part of `secret`: raw, percent-encoded, or in base64 or base64url at any
// of the three alignments. nullopt when there are none. A secret shorter than 12 bytes is looked for whole and raw.
// Twelve: enough to tell a token apart from words, and to make what leaked useless to guess from.
[[nodiscard]] inline std::optional<std::string> find_leak(std::string_view secret, std::string_view text) {
  constexpr std::size_t window_bytes = 12;
  if (secret.size() < window_bytes) {
    const bool found = !secret.empty() && text.find(secret) != std::string_view::npos;
    return found ? std::optional(std::string(secret)) : std::nullopt;
  }
  std::vector<std::string> forms = {std::string(secret), percent_encode(secret)};
  for (std::size_t skip = 0; skip < 3; ++skip) {
    forms.push_back(base64_encode(secret.substr(skip)));
    forms.push_back(base64url_encode(secret.substr(skip)));
  }
  for (std::size_t i = 0; i + window_bytes <= text.size(); ++i) {
    const std::string_view window = text.substr(i, window_bytes);
    for (const std::string &form : forms) {
      if (form.find(window) != std::string::npos) return std::string(window);
    }
  }
  return std::nullopt;
}

}  // namespace regcred::test
