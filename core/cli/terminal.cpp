// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include <unistd.h>

#include <algorithm>

namespace regcred::core {
namespace {

// Escape sequences of ECMA-48 (SGR).
constexpr std::string_view sequence_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::good:
      return "\x1b[32m";
    case Tone::bad:
      return "\x1b[31m";
    case Tone::warning:
      return "\x1b[33m";
    case Tone::faint:
      return "\x1b[2m";
    case Tone::strong:
      return "\x1b[1m";
  }
  return "";
}

void write_text(int fd, std::string_view text) {
  [[maybe_unused]] const ssize_t ignored = ::write(fd, text.data(), text.size());  // decoration: no harm when it fails
}

}  // namespace

Terminal detect_terminal(const Environment &environment, int output_fd, int error_fd) {
  const bool dumb = environment.get("TERM").value_or("dumb") == "dumb";
  const bool unwanted = !environment.get("NO_COLOR").value_or("").empty();
  return {::isatty(output_fd) != 0 && !dumb && !unwanted, ::isatty(error_fd) != 0 && !dumb};
}

std::string paint(const Terminal &terminal, Tone tone, std::string_view text) {
  const std::string_view start = sequence_of(tone);
  if (!terminal.colour || start.empty()) return std::string(text);
  return std::string(start) + std::string(text) + "\x1b[0m";
}

std::size_t shown_width(std::string_view text) noexcept {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = std::min(text.find('m', i), text.size());
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {  // not inside a UTF-8 character
      ++width;
    }
  }
  return width;
}

void Progress::show(std::string_view text) {
  if (error_fd_ < 0) return;
  write_text(error_fd_, "\r\x1b[K" + std::string(text) + " ...");
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  write_text(error_fd_, "\r\x1b[K");
  shown_ = false;
}

}  // namespace regcred::core
