// SPDX-License-Identifier: Apache-2.0
// Finds a secret, or a part of it in a common encoding, in text that people see.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace regcred::test {

// Twelve bytes: enough to tell a token apart from words, and to make what leaked useless to guess from.
inline constexpr std::size_t leak_bytes_min = 12;

// The first leak_bytes_min bytes of `text` that are also part of `secret`: raw, percent-encoded (RFC 3986), or in
// base64 or base64url (RFC 4648) at any of the three alignments, since a secret may stand in the middle of what was
// encoded. nullopt when there are none. A shorter secret is looked for whole and raw only; an empty one is never found.
// Other encodings (hexadecimal, compression, escapes of JSON) are not looked for.
[[nodiscard]] inline std::optional<std::string> find_leak(std::string_view secret, std::string_view text);

}  // namespace regcred::test

#include <regcred/detail/leaks_impl.hpp>
