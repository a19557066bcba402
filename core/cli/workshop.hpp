// SPDX-License-Identifier: Apache-2.0
// Everything that a command works with, put together in one place and once per command.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/stderr_log.hpp"
#include "common/host_root.hpp"
#include "common/registry_config.hpp"
#include "common/request.hpp"
#include "config/config.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/survey.hpp"
#include "loader/installation.hpp"
#include "loader/loader.hpp"

namespace regcred::core {

// Refers to the clock of the Context.
struct Workshop {
  Config config;
  Installation installation;
  BackendLoader loader;               // the installation's directory first, then those of `config`
  std::string credentials_directory;  // $CREDENTIALS_DIRECTORY, or empty
  bool in_process = false;            // --in-process
  Clock &clock;
  StderrLog log;
};

// Which log lines are shown when --log-level does not say.
enum class LogDefault { off, configured };

// Reads the configuration of this run, and finds the parts of this installation. Fails as load_config does, and with
// ErrorCode::internal when the installation cannot be found.
[[nodiscard]] Result<Workshop> open_workshop(const Context &context, LogDefault log = LogDefault::off);

// The same with a configuration that was read already.
[[nodiscard]] Result<Workshop> open_workshop(const Context &context, Config config, LogDefault log = LogDefault::off);

// Where the configuration of this run is looked for.
[[nodiscard]] ConfigSource config_source(const Context &context);

// `context` with another environment, and the default places of the configuration below another root: as if the command
// had been started there. Refers to `environment`.
[[nodiscard]] Context with_environment(const Context &context, const Environment &environment, const HostRoot &root);

// What the backends that the configuration names declare: each once, in the order of their first use.
[[nodiscard]] std::vector<SurveyedBackend> survey_used_backends(Workshop &workshop);

// The same of all backends that are installed, by name.
[[nodiscard]] std::vector<SurveyedBackend> survey_installed_backends(Workshop &workshop);

// One request to be answered; `route` points into the workshop's configuration.
struct Asked {
  const Request &request;
  const Route &route;
  Deadline deadline;
  std::vector<HttpCall> *calls = nullptr;  // gets the calls that the backends made; may be null
  // Whether the node's memory (cache/) is used: for the kubelet. Commands show how things are now.
  bool with_node_memory = false;
};

// Asks the entries of the route in order (dispatch/dispatcher.hpp), each in a worker, or in this process for
// --in-process. Fails as dispatch() does. `log` gets the lines of backends.
[[nodiscard]] Answered answer_request(const Workshop &workshop, const Asked &asked, LogSink &log);

}  // namespace regcred::core
