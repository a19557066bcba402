// SPDX-License-Identifier: Apache-2.0
// Processes that a process leaves behind. While an object of this class lives, they become children of this process
// instead of init's (prctl(2), PR_SET_CHILD_SUBREAPER), so that it can find them.
#pragma once

#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace regcred::testing {

class Orphans {
 public:
  Orphans() { ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
  ~Orphans() { ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0); }
  Orphans(const Orphans &) = delete;
  Orphans &operator=(const Orphans &) = delete;

  // True when no child of this process is left: its own must have been waited for. One that was killed a moment ago is
  // given a second to end.
  [[nodiscard]] bool none_is_left() const {
    for (int wait = 0; wait < 200; ++wait) {
      pid_t orphan = 0;
      while ((orphan = ::waitpid(-1, nullptr, WNOHANG)) > 0) continue;
      if (orphan < 0 && errno == ECHILD) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
};

}  // namespace regcred::testing
