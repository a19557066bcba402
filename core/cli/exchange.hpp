// One request, answered: what the kubelet's call, `get` and `doctor` have in common.
#pragma once

#include "cli/commands.hpp"
#include "common/registry_config.hpp"
#include "common/request.hpp"
#include "common/result.hpp"
#include "dispatch/dispatcher.hpp"
#include "services/clock/clock.hpp"
#include "services/log/log_sink.hpp"

namespace regcred::core {

// What one exchange is made of. Refers to its parts; they outlive the call.
struct Exchange {
  const Request &request;
  const Config &config;
  const Route &route;  // points into `config`
  Deadline deadline;
  LogSink &log;
};

// Asks the route's entries in order (dispatch/dispatcher.hpp), each in a worker, or in this process for
// --in-process. Fails as dispatch() does, and with ErrorCode::internal when this installation cannot be found.
[[nodiscard]] Answered answer_request(const Exchange &exchange, const Command &command, const Context &context);

}  // namespace regcred::core
