#include "cli/doctor/configuration_steps.hpp"

#include "cli/config_source.hpp"
#include "common/join.hpp"
#include "match/route.hpp"
#include "services/log/log_sink.hpp"

namespace regcred::core {
namespace {

constexpr const char *area = "configuration";

std::string entry_words(const RegistryEntry &entry) {
  return entry.name + " (backend " + entry.backend + ", " + entry.origin + ")";
}

std::string entries_words(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " registry entry" : " registry entries");
}

Step route_step(const Route &route) {
  Step step{area, "entry", StepState::passed, entry_words(*route.candidates.front()) + " answers", {}, {}};
  for (std::size_t i = 1; i < route.candidates.size(); ++i) {
    step.details.push_back("if it has no credentials for the pod, next comes " + entry_words(*route.candidates[i]));
  }
  return step;
}

Step backend_step(const RegistryEntry &entry, const SurveyedBackend &backend) {
  if (backend.error) return failed_step(area, "backend", *backend.error);
  if (!entry.backend_sha256.empty() && entry.backend_sha256 != backend.sha256) {
    return {area,
            "backend",
            StepState::failed,
            backend.path + " has SHA-256 " + backend.sha256 + ", not " + entry.backend_sha256,
            "install the backend that the configuration pins, or correct `backendSha256` at " + entry.origin,
            {},
            ErrorCode::backend_load};
  }
  const std::vector<std::string> keys = annotation_keys_of(entry, backend);
  return {area,
          "backend",
          StepState::passed,
          backend.name + " " + backend.version + ", ABI " + backend.abi,
          {},
          {backend.path, "annotations that it may see: " + (keys.empty() ? "none" : joined(keys))}};
}

}  // namespace

void examine_configuration(const Command &command, const Context &context, const std::string &image,
                           Groundwork &groundwork, DoctorReport &report) {
  Result<Config> config = load_config(config_source(command, context));
  if (!config) {
    report.add(failed_step(area, "configuration", config.error()));
    return report.skip(area, {"entry", "backend", "settings"}, "there is no configuration");
  }
  groundwork.config = std::move(*config);
  report.add({area,
              "configuration",
              StepState::passed,
              entries_words(groundwork.config->registries.size()) + " from " + groundwork.config->origin,
              {},
              {}});

  Result<Route> route = choose_route(*groundwork.config, image);
  if (!route) {
    report.add(failed_step(area, "entry", route.error()));
    return report.skip(area, {"backend", "settings"}, "no entry answers");
  }
  groundwork.route = std::move(*route);
  report.add(route_step(*groundwork.route));

  const Result<Installation> installation = locate_installation();
  if (!installation) {
    report.add(failed_step(area, "backend", installation.error()));
    return report.skip(area, {"settings"}, "there is no backend");
  }
  groundwork.installation = *installation;
  const RegistryEntry &entry = *groundwork.route->candidates.front();
  const BackendLoader loader(backend_directories(*groundwork.config, *installation));
  NoLog log;
  SurveyedBackend backend = survey_backend(loader, entry.backend, context.clock, log);
  report.add(backend_step(entry, backend));
  if (report.failed("backend")) return report.skip(area, {"settings"}, "there is no backend");

  const std::string directory = context.environment.get("CREDENTIALS_DIRECTORY").value_or("");
  const Status settings = try_settings(entry, loader, directory, context.clock, log);
  if (!settings) return report.add(failed_step(area, "settings", settings.error()));
  report.add({area, "settings", StepState::passed, "the backend takes the entry's settings", {}, {}});
  groundwork.backend = std::move(backend);
}

}  // namespace regcred::core
