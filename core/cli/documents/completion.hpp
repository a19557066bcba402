// Completion scripts: commands, options, choices, and paths where paths are wanted.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/documents/command_facts.hpp"

namespace regcred::core {

// The script for "bash", "zsh" or "fish"; nothing for any other shell.
[[nodiscard]] std::optional<std::string> completion_script(const CommandFacts &program, std::string_view shell);

}  // namespace regcred::core
