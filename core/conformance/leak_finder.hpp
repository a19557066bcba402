// SPDX-License-Identifier: Apache-2.0
// Finds secrets in texts, also encoded ones.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace regcred::conformance {

// Knows a set of secrets in every form: raw, percent-encoded, hexadecimal in both cases, base64 and base64url at each
// of the three alignments. As testing/leaks.hpp, for many secrets and texts at once, with hexadecimal and exceptions.
class LeakFinder {
 public:
  // Twelve bytes distinguish a secret from ordinary words, and do not allow to guess the rest.
  static constexpr std::size_t window_bytes = 12;

  // What is also in `public_texts` (image, settings, URLs) is not a leak. Secrets shorter than 12 bytes are looked for
  // whole and raw, those shorter than 8 not at all: they can be in any text.
  LeakFinder(const std::vector<std::string> &secrets, const std::vector<std::string> &public_texts);

  // The first part of a secret in `text`.
  [[nodiscard]] std::optional<std::string> find(std::string_view text) const;

 private:
  void add_windows(std::string_view form);

  std::unordered_set<std::string> windows_;
  std::vector<std::string> short_secrets_;
};

}  // namespace regcred::conformance
