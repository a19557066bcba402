// SPDX-License-Identifier: Apache-2.0
// UTF-8 (RFC 3629). Installed with the SDK.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace regcred {

// One character, as decode_utf8() finds it.
struct CodePoint {
  std::uint32_t value = 0;  // its number in Unicode
  std::size_t bytes = 0;    // of the character; 0: not UTF-8
};

// The first character of `text`, which is not empty. Strict: no overlong forms, no surrogates, no number above
// 0x10FFFF.
[[nodiscard]] inline CodePoint decode_utf8(std::string_view text) noexcept;

// Whether all of `text` is UTF-8. A username or password that is not cannot be given to the kubelet, which takes JSON.
[[nodiscard]] inline bool is_utf8(std::string_view text) noexcept;

}  // namespace regcred

#include <regcred/detail/utf8_impl.hpp>
