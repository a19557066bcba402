// SPDX-License-Identifier: Apache-2.0
// A BackendRunner that asks another one only when the node does not know the answer (cache/).
#pragma once

#include <optional>
#include <string>

#include "cache/cache_use.hpp"
#include "cache/node_cache.hpp"
#include "cache/throttle_memory.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/runner.hpp"

namespace regcred::core {

// For each job, in this order:
//  1. a stored answer that is alive: given, judged by dispatch() as a worker's
//  2. a host that throttled the same call and is not to be asked yet: ErrorCode::backend, with until when
//  3. one execution asks `inner` under the lock of the key; the others wait and take its answer or its failure
// Whatever goes wrong with the memory itself counts as nothing known, and is one line at level warn.
class CachingRunner final : public BackendRunner {
 public:
  // `inner` and what `context` refers to outlive it.
  CachingRunner(BackendRunner &inner, const RunnerContext &context) : inner_(inner), context_(context) {}

  [[nodiscard]] Result<WorkerResult> run(const BackendJob &job) override;

  // What the memory did for the last job.
  [[nodiscard]] const CacheNote &note() const noexcept { return note_; }

 private:
  BackendRunner &inner_;
  RunnerContext context_;
  CacheNote note_;
};

}  // namespace regcred::core
