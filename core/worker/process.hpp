// SPDX-License-Identifier: Apache-2.0
// A worker: a forked process that runs code which is not the core's own, for its parent, which answers the kubelet.
//
// Isolation against faults (a crash, a hang, a flood), not a security boundary: the worker has the rights of the
// parent.
#pragma once

#include <functional>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "services/clock/clock.hpp"
#include "services/log/log_sink.hpp"

namespace regcred::core {

// Refers to its parts; they outlive the call.
struct WorkerSite {
  std::string where;  // of an Error: the entry, file or host that the worker is for
  Deadline deadline;
  Clock &clock;
  LogSink &log;  // gets the worker's lines as they come, at most 200
};

// What runs in the worker: it gives the bytes of the answer.
using WorkerBody = std::function<Secret(LogSink &)>;

// Forks, runs `body` in the child (after enter_worker, sandbox.hpp) and gives its bytes, which are hostile. The child's
// stdin and stdout are /dev/null; its stderr is a pipe whose bytes are discarded, since they may be anything. On
// answer, end, flood or deadline the worker and every process that it started are killed. The caller has started no
// thread. Fails with ErrorCode::deadline, else with ErrorCode::backend and a text behind `who`: "the backend crashed
// (signal 11, Segmentation fault)", "the backend exited with status 3 without an answer"; or why there was no worker:
// "the backend process did not get what it needs: Too many open files".
[[nodiscard]] Result<Secret> run_worker(const WorkerSite &site, std::string_view who, const WorkerBody &body);

// The failure of a worker whose bytes are not a valid result.
[[nodiscard]] Error damaged_data(std::string where, std::string_view who);

}  // namespace regcred::core
