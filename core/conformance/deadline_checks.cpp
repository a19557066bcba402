// SPDX-License-Identifier: Apache-2.0
// Time that is over: the kubelet kills its plugin, and a backend that works on helps nobody.
#include <algorithm>
#include <chrono>

#include "conformance/checks.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

constexpr std::int64_t at_once_ms = 1000;  // ample for a machine under load

std::int64_t now_ms() {
  using std::chrono::milliseconds, std::chrono::steady_clock;
  return std::chrono::floor<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// With the deadline over after `calls` network calls.
Verdict after_calls(const Stage &stage, std::size_t calls) {
  const std::string what =
      calls == 0 ? "a deadline that is over" : "a deadline that ends after call " + std::to_string(calls);
  stage.progress("with " + what);
  Scene scene;
  scene.deadline_after = calls;
  const std::int64_t start_ms = now_ms();
  const Said said = stage.live(scene);
  const std::int64_t took_ms = now_ms() - start_ms;
  if (took_ms > at_once_ms) return failed(what + ": returned only after " + std::to_string(took_ms) + " ms");
  const std::size_t late_calls = said.network_calls.size() - std::min(calls, said.network_calls.size());
  if (late_calls > 1) {
    return failed(what + ": made " + std::to_string(late_calls) + " calls after it, expected one at most");
  }
  if (said.code == REGCRED_TIMEOUT || (said.code == REGCRED_OK && late_calls == 0)) return passed();
  return failed(what + ": returned " + said.summary(stage.subject) + ", expected timeout" +
                (late_calls == 0 ? ", or ok without a call" : ""));
}

Verdict over(const Stage &stage) { return after_calls(stage, 0); }

Verdict runs_out(const Stage &stage) {
  for (std::size_t calls = 1; calls <= stage.success.network_calls.size(); ++calls) {
    if (Verdict verdict = after_calls(stage, calls); verdict.status != Status::passed) return verdict;
  }
  return passed();
}

}  // namespace

std::vector<Check> deadline_checks() {
  return {
      {"deadline.over", "With no time left it returns timeout at once, or answers without a network call.",
       with_success(over)},
      {"deadline.runs-out", "When time runs out between two calls, it returns timeout and tries no further call.",
       with_network(runs_out)},
  };
}

}  // namespace regcred::conformance
