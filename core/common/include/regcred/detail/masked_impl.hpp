// SPDX-License-Identifier: Apache-2.0
// The bodies of masked.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <cstddef>
#include <regcred/masked.hpp>

namespace regcred {

inline std::string without_user_info(std::string_view text) {
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

inline std::string without_value(std::string_view key) {
  const std::size_t end = key.find_first_of(":/");
  return end == std::string_view::npos ? std::string(key) : std::string(key.substr(0, end + 1)) + "...";
}

}  // namespace regcred
