// SPDX-License-Identifier: Apache-2.0
// Runs another program and keeps its output, within limits: kubectl, for the commands that ask the cluster; systemctl
// and others on the node.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "config/environment.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

// A program that has ended. `out` may hold a secret: the caller wipes it.
struct ChildOutput {
  int status = 0;   // exit status; 128 + signal when a signal ended it
  std::string out;  // all of it
  std::string err;  // its first few hundred bytes as one printable line
};

struct ChildCall {
  std::vector<std::string> argv;  // argv[0] is looked for on PATH, or absolute; nothing secret: every user can see it
  std::size_t out_bytes_max = 0;  // more than this on standard output is an error
  Deadline deadline = {};         // then it is killed
  std::string root = {};          // the program runs with this root directory, and is looked for below it; empty: ours
};

// Starts the program with the variables of `environment`, its standard input /dev/null, and waits for its end.
// Fails with ErrorCode::usage when there is no such program, it cannot be started, or prints too much; with
// ErrorCode::deadline when it is not done in time. An exit status other than 0 is not a failure of this function.
[[nodiscard]] Result<ChildOutput> run_child(const ChildCall &call, const Environment &environment, Clock &clock);

}  // namespace regcred::core
