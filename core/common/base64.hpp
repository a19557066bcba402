// SPDX-License-Identifier: Apache-2.0
// base64 (RFC 4648, section 4).
#pragma once

#include <string>
#include <string_view>

namespace regcred::core {

// `bytes` as text, padded. The result holds what `bytes` holds: wipe it when that is a secret.
[[nodiscard]] inline std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = (group << 8U) | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (unsigned i = 0; i < 4; ++i) {
      text += at + i > bytes.size() ? '=' : digits[(group >> (18U - 6U * i)) & 0x3FU];
    }
  }
  return text;
}

}  // namespace regcred::core
