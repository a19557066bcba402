// SPDX-License-Identifier: Apache-2.0
// Wraps long text into lines.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace regcred::core {

// `text` in lines of at most `columns_max` bytes, broken at its spaces, each with `start` and a space in front and
// without a newline at the end of the last. A longer word gets its own line.
[[nodiscard]] inline std::string wrapped(std::string_view text, const std::string &start, std::size_t columns_max) {
  std::string out;
  std::string line = start;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (line.size() > start.size() && line.size() + 1 + word.size() > columns_max) {
      out += line + '\n';
      line = start;
    }
    line += ' ';
    line += word;
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return out + line;
}

}  // namespace regcred::core
