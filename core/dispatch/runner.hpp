// SPDX-License-Identifier: Apache-2.0
// The two real implementations of BackendRunner.
#pragma once

#include <string>

#include "dispatch/dispatcher.hpp"
#include "loader/installation.hpp"
#include "loader/loader.hpp"
#include "services/clock/clock.hpp"
#include "services/log/log_sink.hpp"

namespace regcred::core {

// What a runner needs of the process. Refers to its parts; they outlive it.
struct RunnerContext {
  const Config &config;
  const Installation &installation;
  const BackendLoader &loader;
  std::string credentials_directory;  // $CREDENTIALS_DIRECTORY, read before the worker empties its environment
  Deadline deadline;                  // of the whole request
  Clock &clock;
  LogSink &log;
  std::vector<HttpCall> *calls = nullptr;  // gets what the backends called, in order; null: nobody wants to know
  std::string node_id = {};  // names this node for spread_for() (dispatcher.hpp); empty: nothing is spread
};

// Each call in a forked worker (worker/in_worker.hpp).
class ForkedRunner final : public BackendRunner {
 public:
  explicit ForkedRunner(const RunnerContext &context) : context_(context) {}
  [[nodiscard]] Result<WorkerResult> run(const BackendJob &job) override;

 private:
  RunnerContext context_;
};

// Each call in this very process, for debuggers and sanitizers: a crash of the backend is a crash of regcred.
// Empties the environment of the process, as that of a worker is.
class InProcessRunner final : public BackendRunner {
 public:
  explicit InProcessRunner(const RunnerContext &context) : context_(context) {}
  [[nodiscard]] Result<WorkerResult> run(const BackendJob &job) override;

 private:
  RunnerContext context_;
};

}  // namespace regcred::core
