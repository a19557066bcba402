// SPDX-License-Identifier: Apache-2.0
// argv -> what to run.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "common/result.hpp"

namespace regcred::core {

struct CommandLine {
  CommonOptions options;
  std::string command;  // "generate rbac"; "help" for help, empty for a kubelet's request
  Run run;
  bool answers_kubelet = false;  // `run` answers a kubelet's request
};

// Parses the arguments after the program name. Without a sub-command a kubelet's request is answered, or a short help
// is shown when `stdin_is_terminal`. Fails with ErrorCode::usage, naming the argument and what is possible.
[[nodiscard]] Result<CommandLine> parse_command_line(const std::vector<std::string> &arguments, bool stdin_is_terminal);

}  // namespace regcred::core
