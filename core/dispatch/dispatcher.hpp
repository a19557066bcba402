// SPDX-License-Identifier: Apache-2.0
// From a Route to an Answer: asks the matching entries in order. START HERE in this folder.
#pragma once

#include <string>
#include <string_view>

#include "cache/cache_use.hpp"
#include "common/registry_config.hpp"
#include "common/request.hpp"
#include "common/result.hpp"
#include "dispatch/backend_job.hpp"
#include "dispatch/worker_result.hpp"
#include "services/clock/clock.hpp"
#include "services/log/log_sink.hpp"

namespace regcred::core {

// Runs one backend call: ForkedRunner or InProcessRunner (runner.hpp), a scripted one in tests.
class BackendRunner {
 public:
  BackendRunner() = default;
  BackendRunner(const BackendRunner &) = delete;
  BackendRunner &operator=(const BackendRunner &) = delete;
  virtual ~BackendRunner() = default;

  // What the backend answered, or an Error when it did not (not loaded, no token for it, crash, deadline, flood).
  [[nodiscard]] virtual Result<WorkerResult> run(const BackendJob &job) = 0;
};

// The result of a request, and the entry that it came from.
struct Answered {
  Result<Answer> answer;
  const RegistryEntry *by = nullptr;  // the last entry that was asked: it answered or failed
  std::string why_none{};             // for an answer without credentials: the reason of that entry's backend, or empty
  CacheNote cache{};                  // what the node's memory did for `by`
};

// How what the answer of `job` allows to reuse is spread over the nodes (cache_hint.hpp): by node, entry, registry and
// service account. 0 without a `node_id`, and for an entry whose answers the node does not keep.
[[nodiscard]] double spread_for(const BackendJob &job, std::string_view node_id);

// Asks the candidates of `route` one after the other. The first that does not say no_credentials decides: its answer,
// or its error; there is no silent change to another identity. An entry whose token does not fit (check_token) fails
// without a worker. When all say no_credentials: an Answer
// without entries, cacheDuration 0 s, so that the pull goes on without credentials. Each no_credentials is a line in
// the log, at level info. The Answer echoes the request's apiVersion. `node_id` names the node for
// spread_for().
[[nodiscard]] Answered dispatch(const Request &request, const Route &route, BackendRunner &runner, Clock &clock,
                                LogSink &log, std::string_view node_id = {});

}  // namespace regcred::core
