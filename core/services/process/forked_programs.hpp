// SPDX-License-Identifier: Apache-2.0
// Runs programs as children of this process.
#pragma once

#include <string>
#include <vector>

#include "services/clock/clock.hpp"
#include "services/log/log_sink.hpp"
#include "services/process/programs.hpp"

namespace regcred::core {

// One at a time, each by the rules of regcred_process_v1 (abi.h). SIGPIPE is ignored in this process. A line at level
// debug says how many lines of standard error were dropped. Refers to its parts.
class ForkedPrograms final : public Programs {
 public:
  // `proxy_variables` as NAME=value.
  ForkedPrograms(Deadline deadline, Clock &clock, LogSink &log, const std::vector<std::string> &proxy_variables)
      : deadline_(deadline), clock_(clock), log_(log), proxy_variables_(proxy_variables) {}

  [[nodiscard]] tl::expected<ProgramEnd, ProgramFailure> run(const ProgramRequest &request) override;

 private:
  Deadline deadline_;
  Clock &clock_;
  LogSink &log_;
  const std::vector<std::string> &proxy_variables_;
};

}  // namespace regcred::core
