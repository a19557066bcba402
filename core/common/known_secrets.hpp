// SPDX-License-Identifier: Apache-2.0
// The secrets that one request has used, to hide them in texts that people read.
#pragma once

#include <regcred/secret.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace regcred::core {

class KnownSecrets {
 public:
  // Keeps a copy, wiped at the end. An empty one, and what comes after the first 256, is not kept.
  void add(std::string_view secret);

  // `text` without them: redacted() (text.hpp), and secrets of fewer than 8 bytes where they are a whole word.
  [[nodiscard]] std::string hidden_in(std::string_view text) const;

 private:
  std::vector<Secret> secrets_;
};

}  // namespace regcred::core
