// SPDX-License-Identifier: Apache-2.0
// A host that fails: each of its functions, at each of its calls.
#include "conformance/checks.hpp"
#include "conformance/network_faults.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

// What must hold when one call of the host failed; empty when it does.
std::string fault_of(const Stage &stage, const Said &said) {
  if (said.code == REGCRED_OK) {
    return said.auth == stage.success.auth ? "" : "answered ok, but not with the credential of the success case";
  }
  if (said.code < REGCRED_OK || said.code > REGCRED_INTERNAL) return "returned the " + code_name(said.code);
  if (said.code == REGCRED_NO_CREDENTIALS)
    return "returned no_credentials, so that the host would ask the next registry entry";
  if (said.failures.empty()) return "returned " + code_name(said.code) + " without a call of sink->fail";
  return {};
}

// Runs `scene` once to see which functions it calls, then once more for each of these calls, which then fails.
Verdict sweep(const Stage &stage, const std::string &what, Scene scene) {
  const std::vector<std::string> calls = stage.live(scene).host_calls;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const std::string where = what + ", when call " + std::to_string(i + 1) + " of the host fails (" + calls[i] + ")";
    stage.progress(where);
    scene.failing_host_call = i;
    if (std::string fault = fault_of(stage, stage.live(scene)); !fault.empty()) return failed(where + ": " + fault);
  }
  return passed(std::to_string(calls.size()) + " calls");
}

Verdict success_case(const Stage &stage) { return sweep(stage, "in the success case", {}); }

Verdict failing_registry(const Stage &stage) {
  for (const NetworkFault &fault : network_faults(stage.subject.conversation)) {
    if (fault.check != "network.http-500") continue;
    Scene scene;
    scene.network_fault = fault;
    if (Verdict verdict = sweep(stage, "after " + fault.what, scene); verdict.status != Status::passed) return verdict;
  }
  return passed();
}

}  // namespace

std::vector<Check> fault_checks() {
  return {
      {"faults.host-calls",
       "Whichever call of the host fails, the backend reports a failure, or gives the right answer.",
       with_success(success_case)},
      {"faults.failing-registry", "The same while the registry fails, too: two faults at once.",
       with_network(failing_registry)},
  };
}

}  // namespace regcred::conformance
