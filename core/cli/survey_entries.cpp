#include "cli/survey_entries.hpp"

#include <set>
#include <string>

#include "cli/config_source.hpp"
#include "cli/stderr_log.hpp"

namespace regcred::core {

std::vector<SurveyedBackend> survey_used_backends(const Config &config, const BackendLoader &loader, Clock &clock,
                                                  LogSink &log) {
  std::vector<SurveyedBackend> backends;
  std::set<std::string> seen;
  for (const RegistryEntry &entry : config.registries) {
    if (seen.insert(entry.backend).second) backends.push_back(survey_backend(loader, entry.backend, clock, log));
  }
  return backends;
}

Result<SurveyedConfig> load_surveyed_config(const Command &command, const Context &context) {
  Result<Config> config = load_config(config_source(command, context));
  if (!config) return tl::make_unexpected(config.error());
  const Result<Installation> installation = locate_installation();
  if (!installation) return tl::make_unexpected(installation.error());
  const BackendLoader loader(backend_directories(*config, *installation));
  StderrLog log(context.error_fd, command.log_level.value_or("off"));
  SurveyedConfig surveyed;
  surveyed.backends = survey_used_backends(*config, loader, context.clock, log);
  surveyed.config = std::move(*config);
  return surveyed;
}

}  // namespace regcred::core
