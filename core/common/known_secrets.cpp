// SPDX-License-Identifier: Apache-2.0
#include "common/known_secrets.hpp"

#include <algorithm>

#include "common/ascii.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t secrets_max = 256;

void hide_word(std::string &text, std::string_view word) {
  constexpr std::string_view replacement = "[redacted]";
  const auto ends_word = [&](std::size_t at) { return at >= text.size() || !is_alnum(text[at]); };
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
    const bool whole = (at == 0 || ends_word(at - 1)) && ends_word(at + word.size());
    if (whole) text.replace(at, word.size(), replacement);
    at += whole ? replacement.size() : 1;
  }
}

}  // namespace

void KnownSecrets::add(std::string_view secret) {
  const auto is_same = [&](const Secret &known) { return known.reveal() == secret; };
  if (secret.empty() || secrets_.size() >= secrets_max) return;
  if (std::none_of(secrets_.begin(), secrets_.end(), is_same)) secrets_.emplace_back(secret);
}

std::string KnownSecrets::hidden_in(std::string_view text) const {
  std::vector<std::string_view> all;
  for (const Secret &secret : secrets_) all.push_back(secret.reveal());
  std::string shown = redacted(text, all);
  for (const std::string_view secret : all) {
    if (secret.size() < redacted_bytes_min) hide_word(shown, secret);
  }
  return shown;
}

}  // namespace regcred::core
