// SPDX-License-Identifier: Apache-2.0
// argv -> Command.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "conformance/check.hpp"
#include "conformance/subject.hpp"

namespace regcred::conformance {

enum class Action { run, list, help, version };

// What the author asked for.
struct Command {
  Action action = Action::run;
  SubjectSources sources;
  std::vector<std::string> include;  // globs over names of checks; none: all
  std::vector<std::string> exclude;
  std::string skip_file;
  std::chrono::milliseconds timeout{10'000};
  bool in_process = false;
  bool json = false;
  std::string help_text;
};

// Parses the arguments after the program name. Fails with ErrorCode::usage, naming the argument and what is possible.
[[nodiscard]] core::Result<Command> parse_command_line(const std::vector<std::string> &arguments);

// The checks that `include` and `exclude` leave, in their order. A glob that matches no check is an ErrorCode::usage:
// it is a mistake, and a run without checks would seem to pass.
[[nodiscard]] core::Result<std::vector<Check>> choose_checks(const std::vector<Check> &all, const Command &command);

// Reads the lines `check-name: reason` of a skip file; empty lines and those that start with '#' are ignored. Fails
// with ErrorCode::usage and the line: no such check, no reason, named twice.
[[nodiscard]] core::Result<std::map<std::string, std::string>> read_skips(std::string_view text,
                                                                          const std::string &where,
                                                                          const std::vector<Check> &all);

}  // namespace regcred::conformance
