// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/configuration_steps.hpp"

#include "common/join.hpp"
#include "match/route.hpp"
#include "services/log/log_sink.hpp"

namespace regcred::core {
namespace {

constexpr const char *configuration_area = "configuration";

std::string entry_words(const RegistryEntry &entry) {
  return entry.name + " (backend " + entry.backend + ", " + entry.origin + ")";
}

std::string entries_words(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " registry entry" : " registry entries");
}

Step route_step(const Route &route) {
  Step step{
      configuration_area, "entry", StepState::passed, entry_words(*route.candidates.front()) + " answers", {}, {}};
  for (std::size_t i = 1; i < route.candidates.size(); ++i) {
    step.details.push_back("if it has no credentials for the pod, next comes " + entry_words(*route.candidates[i]));
  }
  return step;
}

Step backend_step(const RegistryEntry &entry, const SurveyedBackend &backend) {
  if (backend.error) return failed_step(configuration_area, "backend", *backend.error);
  if (!entry.backend_sha256.empty() && entry.backend_sha256 != backend.sha256) {
    return {configuration_area,
            "backend",
            StepState::failed,
            backend.path + " has SHA-256 " + backend.sha256 + ", not " + entry.backend_sha256,
            "install the backend that the configuration pins, or correct `backendSha256` at " + entry.origin,
            {},
            ErrorCode::backend_load};
  }
  const std::vector<std::string> keys = annotation_keys_of(entry, backend);
  return {configuration_area,
          "backend",
          StepState::passed,
          backend.name + " " + backend.version + ", ABI " + backend.abi,
          {},
          {backend.path, "annotations that it may see: " + (keys.empty() ? "none" : joined(keys))}};
}

}  // namespace

void examine_configuration(const Context &context, const std::string &image, Groundwork &groundwork,
                           DoctorReport &report) {
  Result<Workshop> opened = open_workshop(context);
  if (!opened) {
    report.add(failed_step(configuration_area, "configuration", opened.error()));
    return report.skip(configuration_area, {"entry", "backend", "settings"}, "there is no configuration");
  }
  const Workshop &workshop = groundwork.workshop.emplace(std::move(*opened));
  report.add({configuration_area,
              "configuration",
              StepState::passed,
              entries_words(workshop.config.registries.size()) + " from " + workshop.config.origin,
              {},
              {}});

  Result<Route> route = choose_route(workshop.config, ImageReference(image));
  if (!route) {
    report.add(failed_step(configuration_area, "entry", route.error()));
    return report.skip(configuration_area, {"backend", "settings"}, "no entry answers");
  }
  groundwork.route = std::move(*route);
  report.add(route_step(*groundwork.route));

  const RegistryEntry &entry = *groundwork.route->candidates.front();
  NoLog log;
  SurveyedBackend backend = survey_backend(workshop.loader, entry.backend, workshop.clock, log);
  report.add(backend_step(entry, backend));
  if (report.failed("backend")) return report.skip(configuration_area, {"settings"}, "there is no backend");

  RegistryEntry asked = entry;
  asked.match_images = {std::string(ImageReference(image).registry())};
  SettingsTrial trial =
      try_settings({&asked}, workshop.loader, workshop.credentials_directory, workshop.clock, log).front();
  const Status &settings = trial.taken;
  if (!trial.opinions.empty()) groundwork.opinion = std::move(trial.opinions.front());
  if (!settings) return report.add(failed_step(configuration_area, "settings", settings.error()));
  report.add({configuration_area, "settings", StepState::passed, "the backend takes the entry's settings", {}, {}});
  groundwork.backend = std::move(backend);
}

}  // namespace regcred::core
