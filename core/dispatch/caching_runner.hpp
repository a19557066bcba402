// SPDX-License-Identifier: Apache-2.0
// A BackendRunner that asks another one only when the node does not know the answer (cache/).
#pragma once

#include <optional>
#include <string>

#include "cache/cache_use.hpp"
#include "cache/node_cache.hpp"
#include "dispatch/cache_key.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/runner.hpp"
#include "dispatch/throttled_runner.hpp"

namespace regcred::core {

// For each job, in this order:
//  1. a stored answer that is alive: given, judged by dispatch() as a worker's
//  2. a host that is known to throttle it: that refusal, without a lock
//  3. one execution asks `inner` under the lock of the key; the others wait and take its answer or its failure
//  4. when 2 or 3 fails for want of the registry: a stored answer that is still alive
// Whatever goes wrong with the memory itself counts as nothing known, and is one line at level warn.
class CachingRunner final : public BackendRunner {
 public:
  // `inner` and what `context` refers to outlive it.
  CachingRunner(ThrottledRunner &inner, const RunnerContext &context) : inner_(inner), context_(context) {}

  [[nodiscard]] Result<WorkerResult> run(const BackendJob &job) override;

  // What the memory did for the last job.
  [[nodiscard]] const CacheNote &note() const noexcept { return note_; }

 private:
  struct Call;  // one job

  [[nodiscard]] std::optional<WorkerResult> stored_answer(Call &call, bool waited);
  [[nodiscard]] std::optional<Result<WorkerResult>> adopted_failure(const Call &call, const FlightLock &lock);
  [[nodiscard]] Result<WorkerResult> ask_in_turn(Call &call, const std::string &key);
  [[nodiscard]] Result<WorkerResult> ask(Call &call, const FlightLock *lock, bool narrow);
  [[nodiscard]] Result<WorkerResult> or_stale(const Call &call, Result<WorkerResult> result);
  [[nodiscard]] std::optional<std::string> store(Call &call, WorkerResult &result);
  void warn(const Error &error);

  ThrottledRunner &inner_;
  RunnerContext context_;
  CacheNote note_;
  bool warned_ = false;
};

}  // namespace regcred::core
