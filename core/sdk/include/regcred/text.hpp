// SPDX-License-Identifier: Apache-2.0
// Text from outside (annotations, claims, settings, answers): checked before use, and made fit to be shown in a failure
// or a log line. Every function takes any bytes, of any length, and does not change them.
#pragma once

#include <cstddef>
#include <optional>
#include <regcred/masked.hpp>
#include <regcred/utf8.hpp>
#include <string>
#include <string_view>

namespace regcred {

// True when `text` holds a byte below 0x20, or 0x7F. HTTP Basic allows none of them in a username or password (RFC
// 7617, section 2), and the host refuses a credential with one.
[[nodiscard]] inline bool has_control_character(std::string_view text) noexcept;

// `text` in double quotes for a message: at most `bytes_max` bytes of it, then "..." when there are more. Every byte
// that is not printable ASCII, every quote and every backslash becomes '?', so hostile text can neither break the line
// nor look like the end of the quotation. User info and query of a URL become "..." (without_user_info() of
// masked.hpp). No other secret is recognised: never give it a token or a password.
[[nodiscard]] inline std::string shown(std::string_view text, std::size_t bytes_max = 64);

// `text` with its ASCII letters in lower case: names of hosts and headers, UUIDs.
[[nodiscard]] inline std::string lower_case(std::string_view text);

// Whether `text` is what `pattern` says, part by part between `separator`s, as many in both: a * stands for any text
// within its part. Takes at most pattern x text steps.
[[nodiscard]] inline bool matches_parts(std::string_view pattern, std::string_view text, char separator) noexcept;

// `text` as host[:port] in lower case. The host is labels of 1 to 63 letters, digits and inner hyphens (RFC 1123,
// section 2.1), 253 bytes in all (RFC 1035, section 2.3.4); IPv4 addresses are of that form. The port is 1 to 65535
// without leading zeros, and is kept as it stands.
//
// nullopt for everything else: a scheme, path, query, user info, trailing dot, white space, a name that is not ASCII
// (its xn-- form is accepted) and IPv6 addresses. Put text into the host part of a URL only after it has passed here.
[[nodiscard]] inline std::optional<std::string> host_and_port(std::string_view text);

// The registry of an image, host[:port] or [IPv6][:port], in the one form in which two of them can be compared: lower
// case, an address in the form of inet_ntop(3). nullopt for everything else, IPv6 zones included.
[[nodiscard]] inline std::optional<std::string> registry_host(std::string_view text);

// Whether `prefix` is whole segments at the beginning of `path`: "team" of "team/app", not of "teams/app". An empty one
// is.
[[nodiscard]] inline bool starts_on_border(std::string_view path, std::string_view prefix) noexcept;

// True when registry_host() accepts `text`, which a URL may then name as its server (RFC 3986, section 3.2, without
// user info).
[[nodiscard]] inline bool is_authority(std::string_view text);

}  // namespace regcred

#include <regcred/detail/text_impl.hpp>
