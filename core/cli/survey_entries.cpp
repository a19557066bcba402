#include "cli/survey_entries.hpp"

#include <algorithm>

#include "cli/config_source.hpp"
#include "cli/stderr_log.hpp"

namespace regcred::core {

Result<SurveyedConfig> load_surveyed_config(const Command &command, const Context &context) {
  Result<Config> config = load_config(config_source(command, context));
  if (!config) return tl::make_unexpected(config.error());
  const Result<Installation> installation = locate_installation();
  if (!installation) return tl::make_unexpected(installation.error());
  const BackendLoader loader(backend_directories(*config, *installation));
  StderrLog log(context.error_fd, command.log_level.value_or("off"));
  SurveyedConfig surveyed;
  for (const RegistryEntry &entry : config->registries) {
    const auto asked = [&](const SurveyedBackend &backend) { return backend.name == entry.backend; };
    if (std::any_of(surveyed.backends.begin(), surveyed.backends.end(), asked)) continue;
    surveyed.backends.push_back(survey_backend(loader, entry.backend, context.clock, log));
  }
  surveyed.config = std::move(*config);
  return surveyed;
}

}  // namespace regcred::core
