// SPDX-License-Identifier: Apache-2.0
// What an operator wrote in the wrong place, made fit for a log: passwords in URLs, values in keys.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace regcred {

// `text` without what must not be logged, when it is a URL or a mistyped host: user info (RFC 3986, 3.2.1) becomes
// "...", and so does a URL's query. An image's digest stays.
[[nodiscard]] inline std::string without_user_info(std::string_view text) {
  const std::size_t scheme = text.find("://");
  const std::size_t start = scheme == std::string_view::npos ? 0 : scheme + 3;
  std::string out(text);
  const std::size_t query = scheme == std::string_view::npos ? std::string::npos : out.find('?', start);
  if (query != std::string::npos) out.replace(query + 1, std::string::npos, "...");
  const std::string_view authority = std::string_view(out).substr(start, out.find_first_of("/?#", start) - start);
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos && !authority.substr(at).starts_with("@sha")) out.replace(start, at, "...");
  return out;
}

// `key` up to the first ':' or '/', then "...": without the space behind "password:" the value is part of the key.
[[nodiscard]] inline std::string without_value(std::string_view key) {
  const std::size_t end = key.find_first_of(":/");
  return end == std::string_view::npos ? std::string(key) : std::string(key.substr(0, end + 1)) + "...";
}

}  // namespace regcred
