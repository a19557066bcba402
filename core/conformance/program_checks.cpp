// SPDX-License-Identifier: Apache-2.0
// programs.*: a program that fails, for backends that run one. What it wrote may be a secret, so no text quotes it.
#include <regcred/testing/leaks.hpp>

#include "common/contains.hpp"
#include "conformance/checks.hpp"
#include "conformance/network_faults.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

using Codes = std::vector<std::int32_t>;

const Codes any_failure = {REGCRED_NO_CREDENTIALS, REGCRED_BAD_CONFIG,  REGCRED_BAD_REQUEST,
                           REGCRED_DENIED,         REGCRED_UNAVAILABLE, REGCRED_BAD_UPSTREAM};

Verdict judge(const Stage &stage, const ProgramFault &fault) {
  stage.progress("with " + fault.what);
  Scene scene;
  scene.program_fault = fault;
  const Said said = stage.live(scene);
  if (!core::contains(fault.expected_codes, said.code)) {
    return failed(fault.what + ": returned " + said.summary(stage.subject));
  }
  std::vector<std::string> texts = said.log;
  for (const SaidFailure &failure : said.failures) texts.push_back(failure.text);
  for (const std::string &text : texts) {
    if (test::find_leak(std::string(body_canary), text)) return failed(fault.what + ": a text quotes the output");
  }
  return passed();
}

// A backend that runs no program has nothing to fail here.
CheckFunction with_faults(std::vector<ProgramFault> (*faults)(const PlannedProgram &)) {
  return with_success([faults](const Stage &stage) {
    if (stage.success.programs_run == 0) return passed("runs no program");
    for (const ProgramFault &fault : faults(stage.subject.conversation.programs.front())) {
      if (Verdict verdict = judge(stage, fault); verdict.status != Status::passed) return verdict;
    }
    return passed();
  });
}

std::vector<ProgramFault> other_ends(const PlannedProgram &planned) {
  const std::string canary(body_canary);
  std::vector<ProgramFault> faults;
  for (const int status : {1, 2, 127}) {
    const std::string what = "exit status " + std::to_string(status);
    faults.push_back({.what = what, .status = status, .output = canary, .expected_codes = any_failure});
    faults.push_back({.what = what + " and the usual output",
                      .status = status,
                      .output = planned.output,
                      .expected_codes = any_failure});
  }
  faults.push_back({.what = "signal 11", .signal = 11, .expected_codes = any_failure});
  return faults;
}

std::vector<ProgramFault> no_runs(const PlannedProgram &) {
  std::vector<ProgramFault> faults;
  for (const auto &[code, error] : {std::pair(REGCRED_BAD_CONFIG, "the program is writable by everyone; chmod go-w"),
                                    std::pair(REGCRED_TIMEOUT, "the program did not end and was killed"),
                                    std::pair(REGCRED_BAD_UPSTREAM, "the program wrote more than 1 MiB"),
                                    std::pair(REGCRED_UNAVAILABLE, "no process can be started")}) {
    faults.push_back({.what = "the host's " + code_name(code), .code = code, .error = error, .expected_codes = {code}});
  }
  return faults;
}

std::vector<ProgramFault> broken_outputs(const PlannedProgram &planned) {
  const std::string canary(body_canary);
  std::vector<ProgramFault> faults;
  for (const std::string &output :
       {std::string(), canary, "<html>" + canary + "</html>", planned.output.substr(0, planned.output.size() / 2)}) {
    faults.push_back({.what = output.empty() ? "no output" : "broken output",
                      .output = output,
                      .expected_codes = {REGCRED_BAD_UPSTREAM}});
  }
  return faults;
}

}  // namespace

std::vector<Check> program_checks() {
  return {
      {"programs.exit-status", "A program that fails is a failure, whatever it wrote, and no text quotes that.",
       with_faults(other_ends)},
      {"programs.no-run", "The host's reason why a program did not run to its end keeps its code.",
       with_faults(no_runs)},
      {"programs.output", "Output that is none is bad_upstream, and no text quotes it.", with_faults(broken_outputs)},
  };
}

}  // namespace regcred::conformance
