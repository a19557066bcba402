// SPDX-License-Identifier: Apache-2.0
// Processes that outlive a worker: daemons, which leave its process group.
#pragma once

#include <sys/types.h>

#include <vector>

#include "services/clock/clock.hpp"

namespace regcred::core {

// While an object of this class lives, a process whose parent ends becomes a child of this process instead of init's
// (PR_SET_CHILD_SUBREAPER). At its end it kills and reaps every child that this process did not have before, within
// 200 ms; a process stuck in the kernel is left. Made before the fork, ended after the worker was reaped.
class Orphans {
 public:
  explicit Orphans(Clock &clock);
  ~Orphans();
  Orphans(const Orphans &) = delete;
  Orphans &operator=(const Orphans &) = delete;

 private:
  Clock &clock_;
  std::vector<pid_t> before_;
};

}  // namespace regcred::core
