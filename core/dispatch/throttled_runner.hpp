// SPDX-License-Identifier: Apache-2.0
// A BackendRunner that leaves a host alone which asked for no requests (cache/throttle_memory.hpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cache/throttle_memory.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/runner.hpp"

namespace regcred::core {

// A call that the node knows to go to such a host fails at once with REGCRED_THROTTLED and until when, without a
// worker; when 10 s or less are left and the deadline allows it, it waits instead. A call of which nothing is known
// runs in a worker that sends nothing to such hosts; when it tries to, that is remembered. At the end of a wait one
// call asks first, and the others wait for it, at most 2 s. What `inner` reports is remembered for the next.
class ThrottledRunner final : public BackendRunner {
 public:
  // `inner` and what `context` refers to outlive it.
  ThrottledRunner(BackendRunner &inner, const RunnerContext &context) : inner_(inner), context_(context) {}

  [[nodiscard]] Result<WorkerResult> run(const BackendJob &job) override;

  // The refusal of a job of which it is known that it would have to wait too long; empty for every other. Reads, and
  // neither forks nor locks nor writes: a kubelet asks again every ten seconds.
  [[nodiscard]] std::optional<WorkerResult> known_refusal(const BackendJob &job);

  // Whether the last job failed without asking.
  [[nodiscard]] bool refused() const noexcept { return refused_; }

  // What one job has to wait for; 0 or less: nothing.
  struct Wait {
    std::string authority;
    std::int64_t ms = 0;
  };

 private:
  [[nodiscard]] std::optional<ThrottleMemory> open(PrivateDirectory::Missing missing);
  [[nodiscard]] std::optional<WorkerResult> refusal_for(const Wait &wait);
  [[nodiscard]] bool lock_probes(const ThrottleMemory &memory, const std::vector<Throttle> &mine,
                                 std::vector<UniqueFd> &locks);
  void learn(const BackendJob &job, const Result<WorkerResult> &result, const std::vector<Throttle> &known);

  BackendRunner &inner_;
  RunnerContext context_;
  bool refused_ = false;
  bool warned_ = false;
};

}  // namespace regcred::core
