// The configuration together with what its backends say of themselves, for the commands that look at both.
#pragma once

#include <vector>

#include "cli/commands.hpp"
#include "common/registry_config.hpp"
#include "dispatch/survey.hpp"

namespace regcred::core {

struct SurveyedConfig {
  Config config;
  std::vector<SurveyedBackend> backends;  // each that an entry names, once; those that cannot be used have an error
};

// Reads the configuration and asks its backends, each in a worker of its own. Fails as load_config and
// locate_installation do.
[[nodiscard]] Result<SurveyedConfig> load_surveyed_config(const Command &command, const Context &context);

}  // namespace regcred::core
