// SPDX-License-Identifier: Apache-2.0
// A file of variables for a unit (EnvironmentFile=), as systemd reads it, and a variable that holds arguments.
//
// Sources: systemd's src/basic/env-file.c (parse_env_file_internal) and extract-word.c; systemd.exec(5),
// systemd.service (5) "Command lines": $NAME as a word of its own is split at blanks, quotes are respected.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "node/kubelet_flags.hpp"

namespace regcred::core {

class EnvironmentFile {
 public:
  // Fails with ErrorCode::config, where = "ORIGIN:LINE", on what versions of systemd read differently, or what was
  // hardly meant: a comment that ends in a backslash, a quote without an end, text that is not UTF-8.
  [[nodiscard]] static Result<EnvironmentFile> parse(std::string text, const std::string &origin);

  // The value of the last assignment, without its quotes; nothing without one.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
  // The text with this value in place of the last assignment, or on a line of its own at the end; every other byte
  // stays.
  [[nodiscard]] std::string with(std::string_view name, std::string_view value) const;
  [[nodiscard]] const std::string &text() const noexcept { return text_; }

 private:
  struct Assignment {
    std::string name;
    std::string value;
    std::size_t from = 0;  // of its name in text_
    std::size_t to = 0;    // behind its value, before the end of the line
  };
  friend class EnvironmentReader;

  [[nodiscard]] const Assignment *last(std::string_view name) const;

  std::string text_;
  std::vector<Assignment> assignments_;
};

// `arguments`, the value of a variable, with these two flags: others of their names are taken out, and all other words
// stay as they are written, quotes included. An empty path of `flags` only takes that flag out.
[[nodiscard]] std::string with_provider_flags(std::string_view arguments, const ProviderFlags &flags);

// The words of `arguments` without their quotes.
[[nodiscard]] std::vector<std::string> argument_words(std::string_view arguments);

}  // namespace regcred::core
