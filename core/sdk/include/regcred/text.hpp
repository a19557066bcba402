// SPDX-License-Identifier: Apache-2.0
// Text from outside (annotations, claims, settings): checked before use, and made fit to be shown in a failure or log.
#pragma once

#include <arpa/inet.h>

#include <cstddef>
#include <optional>
#include <regcred/masked.hpp>
#include <regcred/utf8.hpp>
#include <string>
#include <string_view>

namespace regcred {

// True when `text` holds a byte below 0x20 or 0x7F: never part of a name, a header or a password.
[[nodiscard]] inline bool has_control_character(std::string_view text) noexcept {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20U || byte == 0x7FU) return true;
  }
  return false;
}

// `text` in double quotes for a message: at most `bytes_max` bytes of it, then "..."; every byte that is not printable
// ASCII, every quote and every backslash as '?'. Hostile text can thus neither break the line nor hide in it. Of what
// is secret it knows user info alone (without_user_info()): never hand it a token.
[[nodiscard]] inline std::string shown(std::string_view value, std::size_t bytes_max = 64) {
  const std::string text = without_user_info(value);
  std::string out = "\"";
  for (const char c : std::string_view(text).substr(0, bytes_max)) {
    const bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
    out.push_back(plain ? c : '?');
  }
  if (text.size() > bytes_max) out += "...";
  out.push_back('"');
  return out;
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

// `text` as host[:port] in lower case; nullopt when it is anything else: a scheme, path, query, user info, trailing
// dot, white space, non-ASCII name (write its xn-- form) or IPv6 address. Only what has passed may become part of a
// URL.
[[nodiscard]] inline std::optional<std::string> host_and_port(std::string_view text) {
  constexpr std::size_t host_bytes_max = 253;  // RFC 1035, section 2.3.4
  if (text.size() > host_bytes_max + 6) return std::nullopt;
  std::string lower(text);
  for (char &c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
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

// The registry of an image, host[:port] or [IPv6][:port], in the one form in which two can be compared: lower case, an
// address in its shortest form. nullopt for all else.
[[nodiscard]] inline std::optional<std::string> registry_host(std::string_view text) {
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

// True for what a URL may name as its server: host[:port], or [IPv6][:port].
[[nodiscard]] inline bool is_authority(std::string_view text) { return registry_host(text).has_value(); }

}  // namespace regcred
