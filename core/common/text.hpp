// SPDX-License-Identifier: Apache-2.0
// Text that people see: made printable, bounded and free of secrets.
#pragma once

#include <regcred/masked.hpp>
#include <regcred/utf8.hpp>
#include <span>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace regcred::core {

// `text` with every control character, every byte that is not valid UTF-8 and every bidirectional or other format
// control escaped as \n, \t, \x1b or \u202e; cut to `bytes_max` at a character border, with "..." when cut.
[[nodiscard]] std::string printable(std::string_view text, std::size_t bytes_max);

// Whether printable() leaves all of `text`, which is UTF-8, as it is.
[[nodiscard]] bool is_printable(std::string_view text) noexcept;

// `text` in double quotes for a message about it: printable, at most `bytes_max` bytes of it, without_user_info().
[[nodiscard]] std::string in_quotes(std::string_view text, std::size_t bytes_max = 120);

using regcred::is_utf8;  // whether all of a text is UTF-8

inline constexpr std::size_t redacted_bytes_min = 8;  // a shorter secret could occur in ordinary words

// `text` with every occurrence of each secret (of at least redacted_bytes_min bytes), of each piece of it of at least
// 12 bytes, and of everything that looks like a JWT (three base64url parts, the first starting with "eyJ") replaced by
// "[redacted]". A secret that a backend has encoded in another form is not recognised.
[[nodiscard]] std::string redacted(std::string_view text, std::span<const std::string_view> secrets);

// The line for stderr: "regcred: where: what; cure", printable, with a newline at its end, at most
// limits::error_line_bytes_max bytes with it.
// When the line is too long, `what` is shortened first: the place and the cure matter most.
[[nodiscard]] std::string one_line(const Error &error);

// The candidate nearest to `word` by edit distance, when `word` is probably a misspelling of it, else empty.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace regcred::core
