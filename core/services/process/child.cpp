// SPDX-License-Identifier: Apache-2.0
#include "services/process/child.hpp"

#include <fcntl.h>
#include <sys/wait.h>

#include <csignal>
#include <ctime>

namespace regcred::core {

bool has_ended(pid_t child) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

std::optional<int> end_group(pid_t child, Clock &clock) {
  ::kill(-child, SIGKILL);  // guard: worker-group-killed
  ::kill(child, SIGKILL);
  const std::int64_t give_up_ms = clock.monotonic_ms() + 1000;
  int status = 0;
  while (true) {
    const pid_t reaped = ::waitpid(child, &status, WNOHANG);
    if (reaped == child) return status;
    if ((reaped < 0 && errno != EINTR) || clock.monotonic_ms() > give_up_ms) return std::nullopt;
    const timespec pause{0, 100'000};
    ::nanosleep(&pause, nullptr);
  }
}

void make_non_blocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

}  // namespace regcred::core
