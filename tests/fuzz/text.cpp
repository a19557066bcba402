// SPDX-License-Identifier: Apache-2.0
// Hostile text on its way to a terminal or a log: a line with a secret, then the text that may hold it.
#include "common/text.hpp"

#include <array>

#include "common/limits.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

namespace {

void check_printable(std::string_view text) {
  for (const std::size_t bytes_max : {0U, 2U, 3U, 7U, 64U, 200U}) {
    const std::string shown = printable(text, bytes_max);
    require(shown.size() <= bytes_max, "what is shown is bounded");
    require(is_utf8(shown), "what is shown is UTF-8");
    for (const char c : shown) {
      require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "what is shown has no control character");
    }
    require(printable(shown, bytes_max) == shown, "what can be shown is shown as it is");
    for (const char *mark : {"\u202e", "\u2066", "\u200b", "\u2028", "\u0085", "\ufeff"}) {
      require(shown.find(mark) == std::string::npos, "nothing turns the line around or hides in it");
    }
  }
  const std::string line = one_line({ErrorCode::backend, std::string(text), std::string(text), std::string(text)});
  require(line.size() <= limits::error_line_bytes_max && line.find('\n') == line.size() - 1, "an error is one line");
  require(line.starts_with("regcred: "), "the line says whose it is");
}

bool is_base64url(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// A run of base64url and dots from an "eyJ" on, with two dots or more.
bool holds_jwt(std::string_view text) {
  for (std::size_t at = text.find("eyJ"); at != std::string_view::npos; at = text.find("eyJ", at + 1)) {
    int dots = 0;
    for (std::size_t i = at; i < text.size() && (is_base64url(text[i]) || text[i] == '.'); ++i) dots += text[i] == '.';
    if (dots >= 2) return true;
  }
  return false;
}

// The first bytes of `text`, `bytes` long, that are also part of `secret`; empty when there are none.
std::string_view shared_piece(std::string_view text, std::string_view secret, std::size_t bytes) {
  for (std::size_t at = 0; at + bytes <= secret.size(); ++at) {
    if (text.find(secret.substr(at, bytes)) != std::string_view::npos) return secret.substr(at, bytes);
  }
  return {};
}

void check_redacted(std::string_view text, std::string_view secret) {
  constexpr std::size_t piece_bytes = 12;
  // These would be found in the word that stands in their place.
  if (secret.find_first_of("[]") != std::string_view::npos || secret == "redacted") return;
  const std::string hidden = redacted(text, {&secret, 1});
  require(!holds_jwt(hidden), "what looks like a token is hidden", hidden);
  const bool is_secret = secret.size() >= 8;
  require(!is_secret || hidden.find(secret) == std::string::npos, "a secret is hidden", hidden);
  require(shared_piece(hidden, secret, piece_bytes).empty(), "and so is each piece of it", hidden);
  const bool innocent = !holds_jwt(text) && shared_piece(text, secret, piece_bytes).empty() &&
                        (!is_secret || text.find(secret) == std::string_view::npos);
  require(!innocent || hidden == text, "innocent text is left alone", hidden);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  std::string_view text = regcred::fuzz::text_of(data, size);
  check_printable(text);
  const std::string_view secret = regcred::fuzz::take_line(text);
  check_redacted(text, secret);
  const std::array<std::string_view, 3> words = {secret, "matchImages", text};
  const std::string_view near = nearest(text, words);
  require(near.empty() || near == words[0] || near == words[1] || near == words[2], "the nearest is one of them");
  return 0;
}
