// SPDX-License-Identifier: Apache-2.0
// contract.*: what a backend leaves as it found it, since the worker's process is not its own.
#include <unistd.h>

#include "conformance/checks.hpp"
#include "conformance/process_state.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

using Change = std::string (*)(const ProcessState &, const ProcessState &);

// A thread that was joined may be listed for a moment longer.
ProcessState settled_state(Change change, const ProcessState &before) {
  ProcessState after = ProcessState::now();
  for (int i = 0; i < 20 && change == &thread_change && !change(before, after).empty(); ++i) {
    ::usleep(5000);
    after = ProcessState::now();
  }
  return after;
}

// Two runs, since the ways of success and failure through the code differ. Stops at the first finding.
Verdict in_two_runs(const Stage &stage, const std::function<std::string(const Scene &)> &finding) {
  Scene late;
  late.deadline_after = 0;
  for (const auto &[what, scene] : {std::pair("in the success case", Scene{}), std::pair("with no time left", late)}) {
    stage.progress(what);
    const std::string found = finding(scene);
    if (!found.empty()) return failed(std::string(what) + " " + found);
  }
  return passed();
}

CheckFunction leaves_alone(Change change) {
  return with_backend([change](const Stage &stage) {
    return in_two_runs(stage, [&](const Scene &scene) {
      const ProcessState before = ProcessState::now();
      (void)stage.live(scene);
      return change(before, settled_state(change, before));
    });
  });
}

Verdict silent(const Stage &stage) {
  return in_two_runs(stage, [&stage](const Scene &scene) {
    const OutputWatch output;
    (void)stage.live(scene);
    return output.change();
  });
}

}  // namespace

std::vector<Check> process_checks() {
  return {
      {"contract.output", "Writes nothing to descriptors 0, 1 and 2: they are not the backend's.",
       with_backend(silent)},
      {"contract.descriptors", "Leaves no descriptor open, and closes none that it did not open.",
       leaves_alone(&descriptor_change)},
      {"contract.threads", "Leaves no thread behind.", leaves_alone(&thread_change)},
      {"contract.children", "Leaves no child process behind.", leaves_alone(&child_change)},
      {"contract.environment", "Leaves the environment as it is.", leaves_alone(&environment_change)},
      {"contract.directory", "Leaves the working directory as it is.", leaves_alone(&directory_change)},
      {"contract.umask", "Leaves the umask as it is.", leaves_alone(&mask_change)},
      {"contract.locale", "Leaves the locale as it is: it decides how other code writes numbers and dates.",
       leaves_alone(&locale_change)},
      {"contract.signals", "Leaves signal handlers and the signal mask as they are.", leaves_alone(&signal_change)},
  };
}

}  // namespace regcred::conformance
