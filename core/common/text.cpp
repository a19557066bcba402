// SPDX-License-Identifier: Apache-2.0
#include "common/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

#include "common/ascii.hpp"
#include "common/limits.hpp"

namespace regcred::core {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};
// C0 and C1 controls, and Unicode's categories Cf, Zl and Zp: whatever can reorder, hide or break a line of a log.
constexpr Range unprintable[] = {
    {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},       {0x600, 0x605},     {0x61C, 0x61C},
    {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},     {0x180E, 0x180E},
    {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},
    {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE007F},
};

bool is_printable(std::uint32_t value) {
  return std::none_of(std::begin(unprintable), std::end(unprintable),
                      [&](const Range &range) { return value >= range.first && value <= range.last; });
}

std::string hex_escape(std::string_view prefix, std::uint32_t value, int digits) {
  std::string escape(prefix);
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) escape += "0123456789abcdef"[(value >> shift) & 0xFU];
  return escape;
}

std::string escaped(std::uint32_t value) {
  switch (value) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  if (value < 0x80) return hex_escape("\\x", value, 2);
  return value <= 0xFFFF ? hex_escape("\\u", value, 4) : hex_escape("\\U", value, 8);
}

constexpr std::string_view ellipsis = "...";
constexpr std::string_view redaction = "[redacted]";

// Which bytes of a text are to be hidden.
class Mask {
 public:
  explicit Mask(std::string_view text) : text_(text), hidden_(text.size(), false) {}

  // Hides every run of `bytes` bytes that is part of `secret`: tokens get cut, or quoted in pieces. Takes time for the
  // sum of the two sizes, whatever the bytes are.
  void hide_pieces(std::string_view secret, std::size_t bytes) {
    std::unordered_map<std::string_view, bool> windows;  // of the text; whether the secret has it
    for (std::size_t at = 0; at + bytes <= text_.size(); ++at) windows[text_.substr(at, bytes)] = false;
    for (std::size_t at = 0; at + bytes <= secret.size(); ++at) {
      if (const auto window = windows.find(secret.substr(at, bytes)); window != windows.end()) window->second = true;
    }
    std::size_t done = 0;  // bytes before this are judged: windows overlap
    for (std::size_t at = 0; at + bytes <= text_.size(); ++at) {
      if (!windows[text_.substr(at, bytes)]) continue;
      hide(std::max(at, done), at + bytes);
      done = at + bytes;
    }
  }

  void hide_jwts() {
    for (std::size_t at = text_.find("eyJ"); at != std::string_view::npos; at = text_.find("eyJ", at)) {
      std::size_t end = at;
      int dots = 0;
      for (; end < text_.size() && (is_base64url(text_[end]) || text_[end] == '.'); ++end) dots += text_[end] == '.';
      if (dots >= 2) hide(at, end);
      at = end;  // a later start in the same run has fewer dots still
    }
  }

  [[nodiscard]] std::string render() const {
    std::string out;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (!hidden_[i]) {
        out += text_[i];
      } else if (i == 0 || !hidden_[i - 1]) {
        out += redaction;
      }
    }
    return out;
  }

 private:
  static bool is_base64url(char c) { return is_alnum(c) || c == '-' || c == '_'; }
  void hide(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) hidden_[i] = true;
  }

  std::string_view text_;
  std::vector<bool> hidden_;
};

constexpr std::size_t word_bytes_max = 64;  // longer is not a typing error, and the cost is quadratic

// Edits (insert, delete, replace, swap of neighbours; letter case is free) that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, word_bytes_max + 1>;
  Row before_last{};
  Row last{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = to_lower(a[i - 1]) == to_lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped =
          i > 1 && j > 1 && to_lower(a[i - 1]) == to_lower(b[j - 2]) && to_lower(a[i - 2]) == to_lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
  const std::size_t whole_max = bytes_max - std::min(bytes_max, ellipsis.size());  // what "..." leaves room for
  std::size_t cut = 0;
  std::string out;
  while (!text.empty() && out.size() <= bytes_max) {
    const CodePoint next = decode_utf8(text);
    const std::size_t bytes = std::max<std::size_t>(next.bytes, 1);
    if (next.bytes == 0) {
      out += hex_escape("\\x", static_cast<unsigned char>(text.front()), 2);
    } else if (is_printable(next.value)) {  // guard: control-escaped
      out += text.substr(0, bytes);
    } else {
      out += escaped(next.value);
    }
    text.remove_prefix(bytes);
    if (out.size() <= whole_max) cut = out.size();
  }
  if (out.size() <= bytes_max) return out;
  out.resize(cut);
  out += ellipsis.substr(0, bytes_max - cut);
  return out;
}

bool is_printable(std::string_view text) noexcept {
  while (!text.empty()) {
    const CodePoint next = decode_utf8(text);
    if (next.bytes == 0 || !is_printable(next.value)) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

std::string in_quotes(std::string_view text, std::size_t bytes_max) {
  return '"' + printable(without_user_info(text), bytes_max) + '"';
}

std::string redacted(std::string_view text, std::span<const std::string_view> secrets) {
  constexpr std::size_t piece_bytes_min = 12;  // enough to tell a token from words, too little to guess the rest from
  Mask mask(text);
  for (const std::string_view secret : secrets) {
    // guard: hidden-pieces
    if (secret.size() >= redacted_bytes_min) mask.hide_pieces(secret, std::min(secret.size(), piece_bytes_min));
  }
  mask.hide_jwts();  // guard: hidden-jwts
  return mask.render();
}

std::string one_line(const Error &error) {
  constexpr std::size_t line_bytes_max = limits::error_line_bytes_max - 1;  // without the newline
  constexpr std::size_t what_bytes_min = 200;                               // what of `what` is kept in any case
  constexpr std::string_view start = "regcred: ";

  const std::size_t fixed = start.size() + 2 + 2;  // with ": " and "; "
  const std::string cure = printable(error.cure, (line_bytes_max - fixed - what_bytes_min) / 2);
  const std::string where = printable(error.where, line_bytes_max - fixed - what_bytes_min - cure.size());
  // guard: error-escaped
  const std::string what = printable(error.what, line_bytes_max - fixed - where.size() - cure.size());

  std::string line(start);
  if (!where.empty()) line += where + ": ";
  line += what;
  if (!cure.empty()) line += "; " + cure;
  return line + '\n';
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = std::numeric_limits<std::size_t>::max();
  if (word.empty() || word.size() > word_bytes_max) return best;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > word_bytes_max) continue;
    const std::size_t distance = edit_distance(word, candidate);
    const std::size_t likely_max = std::clamp<std::size_t>(std::min(word.size(), candidate.size()) / 3, 1, 3);
    if (distance > likely_max || distance >= word.size() || distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

}  // namespace regcred::core
