// SPDX-License-Identifier: Apache-2.0
// A lock between processes with a limit on the wait: flock(2) has none.
#pragma once

#include <sys/file.h>

#include <cerrno>
#include <cstdint>

#include "services/clock/clock.hpp"

namespace regcred::core {

// Takes an exclusive flock on `fd`, and asks for it again every `poll_ms` while another process holds it and
// `may_wait()`. The lock ends with the last descriptor of this open file: a forked child must close its copy. Returns
// 0, EWOULDBLOCK when another process still holds it, or errno of what failed.
template <class MayWait>
[[nodiscard]] int lock_while(int fd, Clock &clock, std::int64_t poll_ms, MayWait may_wait) {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return errno;
    if (!may_wait()) return EWOULDBLOCK;
    clock.sleep_ms(poll_ms);
  }
  return 0;
}

// The same until `deadline`.
[[nodiscard]] inline int lock_until(int fd, Clock &clock, std::int64_t poll_ms, Deadline deadline) {
  return lock_while(fd, clock, poll_ms, [&] { return remaining_ms(deadline, clock) > 0; });
}

}  // namespace regcred::core
