// SPDX-License-Identifier: Apache-2.0
// Whether an input happens to hold a secret by itself: a fuzzer sees what texts are compared with, and spells it.
#pragma once

#include <regcred/testing/leaks.hpp>
#include <string>
#include <string_view>

#include "common/text.hpp"

namespace regcred::fuzz {

// As texts show it: the digits of an escape like \xb5 may complete a piece of the secret, which is printable itself.
// What is said of such an input proves nothing.
[[nodiscard]] inline bool spells(std::string_view input, std::string_view secret) {
  constexpr std::size_t bytes_of_an_escape = 10;
  const std::string shown = core::printable(input, bytes_of_an_escape * (input.size() + 1));
  return test::find_leak(secret, shown).has_value();
}

}  // namespace regcred::fuzz
