// From a command to the place of its configuration; the same for every command.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "config/config.hpp"
#include "loader/installation.hpp"

namespace regcred::core {

[[nodiscard]] inline ConfigSource config_source(const Command &command, const Context &context) {
  return {command.config_path, context.program_name, context.environment};
}

// The installation's own directory first, then those that the configuration adds.
[[nodiscard]] inline std::vector<std::string> backend_directories(const Config &config,
                                                                  const Installation &installation) {
  std::vector<std::string> directories = {installation.backend_directory};
  directories.insert(directories.end(), config.backend_directories.begin(), config.backend_directories.end());
  return directories;
}

}  // namespace regcred::core
