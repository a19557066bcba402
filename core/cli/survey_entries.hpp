// The configuration together with what its backends say of themselves, for the commands that look at both.
#pragma once

#include <vector>

#include "cli/commands.hpp"
#include "common/registry_config.hpp"
#include "dispatch/survey.hpp"

namespace regcred::core {

// The backends that `config` names, each surveyed once, in the order of their first use.
[[nodiscard]] std::vector<SurveyedBackend> survey_used_backends(const Config &config, const BackendLoader &loader,
                                                                Clock &clock, LogSink &log);

struct SurveyedConfig {
  Config config;
  std::vector<SurveyedBackend> backends;  // of survey_used_backends
};

// Reads the configuration and asks its backends, each in a worker of its own. Fails as load_config and
// locate_installation do.
[[nodiscard]] Result<SurveyedConfig> load_surveyed_config(const Command &command, const Context &context);

}  // namespace regcred::core
