// SPDX-License-Identifier: Apache-2.0
// How targets take their input apart: as text with lines, so that a corpus can be read and written by hand.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace regcred::fuzz {

[[nodiscard]] inline std::string_view text_of(const std::uint8_t *data, std::size_t size) {
  return {reinterpret_cast<const char *>(data), size};
}

// Takes the first line off `text`, without its newline; all of it when there is none.
[[nodiscard]] inline std::string_view take_line(std::string_view &text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// Takes the first word off `line`, and the space behind it.
[[nodiscard]] inline std::string_view take_word(std::string_view &line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

// The decimal number of at most 18 digits that `word` is, with an optional '-'; else `fallback`.
[[nodiscard]] inline std::int64_t number_of(std::string_view word, std::int64_t fallback) {
  const bool negative = word.starts_with('-');
  if (negative) word.remove_prefix(1);
  if (word.empty() || word.size() > 18 || word.find_first_not_of("0123456789") != std::string_view::npos) {
    return fallback;
  }
  std::int64_t value = 0;
  for (const char c : word) value = value * 10 + (c - '0');
  return negative ? -value : value;
}

// `text` with every `word` replaced by `value`: how a hand-written input names a canary.
[[nodiscard]] inline std::string with(std::string text, std::string_view word, std::string_view value) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size())) {
    text.replace(at, word.size(), value);
  }
  return text;
}

}  // namespace regcred::fuzz
