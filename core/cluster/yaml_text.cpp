// SPDX-License-Identifier: Apache-2.0
#include "cluster/yaml_text.hpp"

#include <algorithm>
#include <cstdint>

#include "common/text.hpp"
#include "common/wrapped.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t comment_bytes_max = 4096;
constexpr std::uint32_t replacement = 0xFFFD;

}  // namespace

std::string yaml_quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const CodePoint found = decode_utf8(text);
    const std::uint32_t value = found.bytes == 0 ? replacement : found.value;
    text.remove_prefix(std::max<std::size_t>(found.bytes, 1));
    if (value == '"' || value == '\\') out += '\\';
    if (value >= ' ' && value <= '~') {
      out += static_cast<char>(value);
      continue;
    }
    const std::size_t digits = value <= 0xFF ? 2 : value <= 0xFFFF ? 4 : 8;
    out += digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
    for (std::size_t i = digits; i-- > 0;) out += "0123456789abcdef"[(value >> (4 * i)) & 0xFU];
  }
  return out + '"';
}

std::string yaml_comment(std::string_view text, std::size_t indent, std::size_t columns_max) {
  return wrapped(printable(text, comment_bytes_max), std::string(indent, ' ') + '#', columns_max);
}

}  // namespace regcred::core
