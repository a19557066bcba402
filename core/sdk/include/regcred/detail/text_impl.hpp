// SPDX-License-Identifier: Apache-2.0
// The bodies of text.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <arpa/inet.h>

#include <regcred/text.hpp>

namespace regcred {

inline bool has_control_character(std::string_view text) noexcept {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20U || byte == 0x7FU) return true;
  }
  return false;
}

inline std::string shown(std::string_view text, std::size_t bytes_max) {
  const std::string kept = without_user_info(text);
  std::string out = "\"";
  for (const char c : std::string_view(kept).substr(0, bytes_max)) {
    const bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
    out.push_back(plain ? c : '?');
  }
  if (kept.size() > bytes_max) out += "...";
  out.push_back('"');
  return out;
}

inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char &c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

namespace detail {

// On a mismatch only the last `*` takes one byte more.
[[nodiscard]] inline bool matches_part(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace detail

inline bool matches_parts(std::string_view pattern, std::string_view text, char separator) noexcept {
  while (true) {
    const std::size_t wanted = pattern.find(separator);
    const std::size_t found = text.find(separator);
    if (!detail::matches_part(pattern.substr(0, wanted), text.substr(0, found))) return false;
    const bool pattern_ends = wanted == std::string_view::npos;
    const bool text_ends = found == std::string_view::npos;
    if (pattern_ends || text_ends) return pattern_ends && text_ends;
    pattern.remove_prefix(wanted + 1);
    text.remove_prefix(found + 1);
  }
}

namespace detail {

[[nodiscard]] inline bool is_lower_alnum(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// RFC 1123, section 2.1: letters, digits and inner hyphens, 1 to 63 bytes. `label` is lower case.
[[nodiscard]] inline bool is_host_label(std::string_view label) noexcept {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  for (const char c : label) {
    if (!is_lower_alnum(c) && c != '-') return false;
  }
  return true;
}

// 1 to 65535 in decimal without leading zeros.
[[nodiscard]] inline bool is_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || text.front() == '0') return false;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10U + static_cast<unsigned>(c - '0');
  }
  return value <= 65535U;
}

}  // namespace detail

inline std::optional<std::string> host_and_port(std::string_view text) {
  constexpr std::size_t host_bytes_max = 253;  // RFC 1035, section 2.3.4
  if (text.size() > host_bytes_max + 6) return std::nullopt;
  std::string lower = lower_case(text);
  std::string_view host = lower;
  if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    if (!detail::is_port(host.substr(colon + 1))) return std::nullopt;
    host = host.substr(0, colon);
  }
  if (host.size() > host_bytes_max) return std::nullopt;
  while (true) {
    const std::size_t dot = host.find('.');
    if (!detail::is_host_label(host.substr(0, dot))) return std::nullopt;
    if (dot == std::string_view::npos) return lower;
    host.remove_prefix(dot + 1);
  }
}

inline std::optional<std::string> registry_host(std::string_view text) {
  if (!text.starts_with('[')) return host_and_port(text);
  const std::size_t end = text.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view port = text.substr(end + 1);
  if (!port.empty() && (port.front() != ':' || !detail::is_port(port.substr(1)))) return std::nullopt;
  const std::string written(text.substr(1, end - 1));
  in6_addr address{};
  char shortest[INET6_ADDRSTRLEN] = {};
  if (written.find('\0') != std::string::npos || ::inet_pton(AF_INET6, written.c_str(), &address) != 1 ||
      ::inet_ntop(AF_INET6, &address, shortest, sizeof shortest) == nullptr) {
    return std::nullopt;
  }
  return "[" + std::string(shortest) + "]" + std::string(port);
}

inline bool starts_on_border(std::string_view path, std::string_view prefix) noexcept {
  return prefix.empty() || (path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/'));
}

inline bool is_authority(std::string_view text) { return registry_host(text).has_value(); }

}  // namespace regcred
