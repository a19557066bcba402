// argv -> Command.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace regcred::core {

enum class Action { answer, explain, backends, new_backend, version, help };

// What the operator or the kubelet asked for.
struct Command {
  Action action = Action::answer;
  std::optional<std::string> config_path;  // --config: replaces the default places
  std::optional<std::string> log_level;    // --log-level: off, error, warn, info, debug; overrides the configuration
  bool in_process = false;                 // --in-process
  bool json = false;                       // -o json, --json
  std::string image;                       // explain
  std::string backend_name;                // new-backend
  std::optional<std::string> project_directory;  // new-backend; default: the backend's name
  std::string help_text;                         // help: what to print
};

// Parses the arguments after the program name. Without a sub-command the action is `answer`, or a short help when
// `stdin_is_terminal`. Fails with ErrorCode::usage, naming the argument and what is possible.
[[nodiscard]] Result<Command> parse_command_line(const std::vector<std::string> &arguments, bool stdin_is_terminal);

}  // namespace regcred::core
