// SPDX-License-Identifier: Apache-2.0
// The bodies of base64.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <regcred/base64.hpp>

namespace regcred {

namespace detail {

[[nodiscard]] inline std::string base64_text(std::string_view bytes, std::string_view last_two, bool padded) {
  constexpr std::string_view first_62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = (bits << 8U) | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i <= group.size(); ++i) {
      const std::uint32_t value = (bits >> (18U - 6U * i)) & 0x3FU;
      text.push_back(value < 62 ? first_62[value] : last_two[value - 62]);
    }
    if (padded) text.append(3 - group.size(), '=');
  }
  return text;
}

[[nodiscard]] inline std::optional<std::string> base64_bytes(std::string_view text, std::string_view last_two) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : text) {
    std::uint32_t value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<std::uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<std::uint32_t>(c - 'a') + 26U;
    } else if (c >= '0' && c <= '9') {
      value = static_cast<std::uint32_t>(c - '0') + 52U;
    } else if (const std::size_t found = last_two.find(c); found != std::string_view::npos) {
      value = static_cast<std::uint32_t>(found) + 62U;
    } else {
      return std::nullopt;
    }
    buffer = (buffer << 6U) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>((buffer >> bits) & 0xFFU));
    }
  }
  return bytes;
}

}  // namespace detail

inline std::string base64_encode(std::string_view bytes) { return detail::base64_text(bytes, "+/", true); }

inline std::string base64url_encode(std::string_view bytes) { return detail::base64_text(bytes, "-_", false); }

inline std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return detail::base64_bytes(text, "+/");
}

inline std::optional<std::string> base64url_decode(std::string_view text) { return detail::base64_bytes(text, "-_"); }

}  // namespace regcred
