// SPDX-License-Identifier: Apache-2.0
// base64 and base64url (RFC 4648, sections 4 and 5). Each result is built in one buffer, so that wiping it wipes all
// that was made of a secret.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace regcred {

// With padding, as the Basic scheme wants it (RFC 7617, section 2).
[[nodiscard]] inline std::string base64_encode(std::string_view bytes);

// Without padding, as in a JWT (RFC 7515, section 2).
[[nodiscard]] inline std::string base64url_encode(std::string_view bytes);

// The bytes of a text with padding; nullopt when it has another character, an impossible length or no padding.
[[nodiscard]] inline std::optional<std::string> base64_decode(std::string_view text);

// The bytes of a text without padding; nullopt when it has another character or an impossible length.
[[nodiscard]] inline std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace regcred

#include <regcred/detail/base64_impl.hpp>
