// SPDX-License-Identifier: Apache-2.0
// Runs checks, each in a process of its own.
//
// It does not use core/worker: that closes, replaces and limits what the checks inspect (environment, descriptors,
// memory), discards standard error, which a report quotes, and keeps only 200 log lines, too few for the steps of a
// check.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "conformance/check.hpp"

namespace regcred::conformance {

struct RunOptions {
  std::chrono::milliseconds timeout{10'000};  // for one check
  bool in_process = false;                    // for debuggers: a crash of the backend is a crash of the tool
  std::map<std::string, std::string> skips;   // name of a check: why it is not run
};

struct CheckOutcome {
  const Check *check;
  Verdict verdict;
  std::chrono::milliseconds took{0};
};

// Runs `checks` in order. In a child: its own process group, dies with the tool, no core dump, descriptors 0 and 1 are
// /dev/null, descriptor 2 is read and quoted when the check crashes. A crash, an exit, a hang beyond the timeout or too
// much data is a failure of that check; the whole group is killed afterwards.
[[nodiscard]] std::vector<CheckOutcome> run_checks(const std::vector<Check> &checks, const Subject &subject,
                                                   const RunOptions &options);

}  // namespace regcred::conformance
