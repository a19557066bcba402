// SPDX-License-Identifier: Apache-2.0
// How text looks where people read it: colour on a terminal, plain in a pipe.
#pragma once

#include <string>
#include <string_view>

#include "config/environment.hpp"

namespace regcred::core {

// What is known of the two outputs of this run.
struct Terminal {
  bool colour = false;    // standard output is a terminal that shows colour, and colour is not turned off
  bool progress = false;  // standard error is a terminal: steps that take time may announce themselves there
};

// Looks at the two descriptors and at TERM and NO_COLOR (https://no-color.org: set and not empty means no colour).
[[nodiscard]] Terminal detect_terminal(const Environment &environment, int output_fd, int error_fd);

enum class Tone { plain, good, bad, warning, faint, strong };

// `text` in `tone`, or as it is without colour. `text` is printable already (common/text.hpp).
[[nodiscard]] std::string paint(const Terminal &terminal, Tone tone, std::string_view text);

// Width of `text` on a screen: its UTF-8 characters without the escape sequences of paint().
[[nodiscard]] std::size_t shown_width(std::string_view text) noexcept;

// One line on standard error about the current step, replaced by the next one and removed at the end. Silent when
// standard error is not a terminal.
class Progress {
 public:
  Progress(const Terminal &terminal, int error_fd) : error_fd_(terminal.progress ? error_fd : -1) {}
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;
  ~Progress() { clear(); }

  void show(std::string_view text);
  void clear();

 private:
  int error_fd_;
  bool shown_ = false;
};

}  // namespace regcred::core
