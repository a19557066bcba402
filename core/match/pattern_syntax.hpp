// SPDX-License-Identifier: Apache-2.0
// The parts of one matchImages pattern, and what is wrong with them. Internal to this folder: see pattern.hpp.
#pragma once

#include <cstddef>
#include <string_view>

namespace regcred::core {

// A pattern, split as url.Parse splits "https://" + pattern. Views into the pattern's text.
struct PatternParts {
  std::string_view user;       // before the last "@", ignored
  std::string_view authority;  // [host]:port without the user
  std::string_view host;
  std::string_view port;
  std::string_view path;  // with its percent escapes
  std::string_view fragment;
  std::string_view before_fragment;
};

// One pass over the text that checks nothing: choosing among 10,000 patterns is mostly this function.
[[nodiscard]] PatternParts split_pattern(std::string_view pattern) noexcept;

// The byte that the escape at text[at] == '%' stands for, or -1.
[[nodiscard]] int escaped_byte(std::string_view text, std::size_t at) noexcept;

// A finding: empty `what` means none.
struct PatternProblem {
  std::string_view what;
  std::string_view cure;
};

// What url.Parse refuses.
[[nodiscard]] PatternProblem find_problem(const PatternParts &parts) noexcept;

}  // namespace regcred::core
