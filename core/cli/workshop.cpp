// SPDX-License-Identifier: Apache-2.0
#include "cli/workshop.hpp"

#include <algorithm>
#include <set>

#include "config/drop_in_words.hpp"
#include "dispatch/caching_runner.hpp"
#include "dispatch/runner.hpp"
#include "dispatch/throttled_runner.hpp"

namespace regcred::core {
namespace {

std::vector<std::string> backend_directories(const Config &config, const Installation &installation) {
  std::vector<std::string> directories = {installation.backend_directory};
  directories.insert(directories.end(), config.backend_directories.begin(), config.backend_directories.end());
  return directories;
}

Answered answer_without_memory(const Asked &asked, const RunnerContext &context, bool in_process) {
  if (in_process) {
    InProcessRunner runner(context);
    return dispatch(asked.request, asked.route, runner, context.clock, context.log, context.node_id);
  }
  ForkedRunner runner(context);
  return dispatch(asked.request, asked.route, runner, context.clock, context.log, context.node_id);
}

Answered answer_with_memory(const Asked &asked, const RunnerContext &context) {
  ForkedRunner workers(context);
  ThrottledRunner throttled(workers, context);
  CachingRunner runner(throttled, context);
  Answered answered = dispatch(asked.request, asked.route, runner, context.clock, context.log, context.node_id);
  answered.cache = runner.note();
  const bool was_asked = answered.cache.use != CacheUse::stale && answered.cache.use != CacheUse::adopted;
  if (throttled.refused() && was_asked) answered.cache.use = CacheUse::throttled;
  return answered;
}

}  // namespace

ConfigSource config_source(const Context &context) {
  ConfigSource source{context.options.config_path, context.program_name, context.environment};
  source.called_as = context.called_as;
  source.default_root = context.root.here(source.default_root);
  source.drop_in_file = context.root.here(source.drop_in_file);
  return source;
}

Context with_environment(const Context &context, const Environment &environment, const HostRoot &root) {
  return {context.program_name, environment,      context.clock,   context.started_ms, context.input_fd,
          context.error_fd,     context.terminal, context.options, context.called_as,  root};
}

Result<Workshop> open_workshop(const Context &context, Config config, LogDefault log) {
  Result<Installation> installation = locate_installation();
  if (!installation) return tl::make_unexpected(std::move(installation.error()));
  BackendLoader loader(backend_directories(config, *installation));
  const std::string level = context.options.log_level.value_or(log == LogDefault::off ? "off" : config.log_level);
  return Workshop{std::move(config),
                  std::move(*installation),
                  std::move(loader),
                  context.environment.get("CREDENTIALS_DIRECTORY").value_or(""),
                  context.options.in_process,
                  context.clock,
                  StderrLog(context.error_fd, level)};
}

Result<Workshop> open_workshop(const Context &context, LogDefault log) {
  Result<Config> config = load_config(config_source(context));
  if (!config) return tl::make_unexpected(std::move(config.error()));
  return open_workshop(context, std::move(*config), log);
}

std::vector<SurveyedBackend> survey_used_backends(Workshop &workshop) {
  std::vector<SurveyedBackend> backends;
  std::set<std::string> seen;
  for (const RegistryEntry &entry : workshop.config.registries) {
    if (!seen.insert(entry.backend).second) continue;
    backends.push_back(survey_backend(workshop.loader, entry.backend, workshop.clock, workshop.log));
  }
  return backends;
}

std::vector<SurveyedBackend> survey_installed_backends(Workshop &workshop) {
  std::vector<SurveyedBackend> backends;
  for (const std::string &name : workshop.loader.names()) {
    backends.push_back(survey_backend(workshop.loader, name, workshop.clock, workshop.log));
  }
  return backends;
}

Answered answer_request(const Workshop &workshop, const Asked &asked, LogSink &log) {
  const std::vector<const RegistryEntry *> &entries = asked.route.candidates;
  const bool spreads = asked.with_node_memory && std::any_of(entries.begin(), entries.end(), [](const auto *entry) {
                         return entry->cache_node != NodeCacheMode::off;
                       });
  const RunnerContext context{workshop.config,
                              workshop.installation,
                              workshop.loader,
                              workshop.credentials_directory,
                              asked.deadline,
                              workshop.clock,
                              log,
                              asked.calls,
                              spreads ? node_time(workshop.clock).boot_id : std::string()};
  Answered answered = asked.with_node_memory && !workshop.in_process
                          ? answer_with_memory(asked, context)
                          : answer_without_memory(asked, context, workshop.in_process);
  if (workshop.config.drop_in && !answered.answer) {
    Error &error = answered.answer.error();
    error.what = in_drop_in_words(std::move(error.what));
    error.cure = in_drop_in_words(std::move(error.cure));
  }
  return answered;
}

}  // namespace regcred::core
