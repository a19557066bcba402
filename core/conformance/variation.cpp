// SPDX-License-Identifier: Apache-2.0
#include "conformance/variation.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <regcred/json.hpp>
#include <regcred/jwt.hpp>
#include <string_view>
#include <utility>

namespace regcred::conformance {
namespace {

using Words = std::vector<std::string>;
using Parts = std::vector<Words>;

std::vector<std::string_view> split(std::string_view text, std::string_view delimiters) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t end = text.find_first_of(delimiters);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char *digits = text.data() + i + 1;
    const bool coded =
        text[i] == '%' && text.size() - i > 2 && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    out.push_back(coded ? static_cast<char>(byte) : text[i]);
    if (coded) i += 2;
  }
  return out;
}

void add_text(std::string_view text, Parts &parts);

void add_object(const nlohmann::json &object, Parts &parts) {
  const nlohmann::json flat = object.flatten();
  for (const auto &[name, value] : flat.items()) {
    parts.push_back({name});
    add_text(value.is_string() ? value.get<std::string>() : value.dump(), parts);
  }
}

void add_text(std::string_view text, Parts &parts) {
  if (const auto object = parse_json_object(text)) return add_object(*object, parts);
  for (const std::string_view parameter : split(text, "?&")) {
    Words words;
    const std::string decoded = percent_decoded(parameter);
    for (const std::string_view value : split(decoded, " =,;")) {
      if (const auto claims = read_unverified_claims(value)) {
        add_object(claims->all, parts);  // without the signature, which changes with every nonce
        continue;
      }
      for (const std::string_view word : split(value, "/:.-_")) {
        if (!word.empty()) words.emplace_back(word);  // base64 ends with or without '='
      }
    }
    parts.push_back(std::move(words));
  }
}

Parts parts_of(const std::string &text) {
  Parts parts;
  add_text(text, parts);
  return parts;
}

// `alike` and `other` are the same part of each text. Of a part that holds a nonce, the words that all of `alike` have
// count, wherever they stand: base64 has another number of words each time.
bool words_differ(Parts alike, Words other) {
  Words common = alike.front();
  if (std::all_of(alike.begin(), alike.end(), [&](const Words &words) { return words == common; })) {
    return other != common;
  }
  std::sort(common.begin(), common.end());
  for (Words &words : alike) {
    std::sort(words.begin(), words.end());
    Words both;
    std::set_intersection(common.begin(), common.end(), words.begin(), words.end(), std::back_inserter(both));
    common = std::move(both);
  }
  std::sort(other.begin(), other.end());
  return !std::includes(other.begin(), other.end(), common.begin(), common.end());
}

}  // namespace

bool differs(const std::vector<std::string> &alike, const std::string &other) {
  std::vector<Parts> texts(alike.size());
  std::transform(alike.begin(), alike.end(), texts.begin(), parts_of);
  const std::size_t parts = texts.front().size();
  const auto has_other_parts = [parts](const Parts &text) { return text.size() != parts; };
  if (std::any_of(texts.begin(), texts.end(), has_other_parts)) return false;  // guard: path-beside-nonce
  const Parts other_parts = parts_of(other);
  if (has_other_parts(other_parts)) return true;
  for (std::size_t i = 0; i < parts; ++i) {
    Parts same_part(texts.size());
    std::transform(texts.begin(), texts.end(), same_part.begin(), [i](const Parts &text) { return text[i]; });
    if (words_differ(std::move(same_part), other_parts[i])) return true;
  }
  return false;
}

}  // namespace regcred::conformance
