// SPDX-License-Identifier: Apache-2.0
#include "services/process/child.hpp"

#include <fcntl.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <ctime>

namespace regcred::core {
namespace {

// Holds SIGCHLD back from this thread for its life, so that the end of a child can be waited for with a limit. It has
// its default meaning (main()): none.
class HeldChildSignal {
 public:
  HeldChildSignal() {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGCHLD);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  HeldChildSignal(const HeldChildSignal &) = delete;
  HeldChildSignal &operator=(const HeldChildSignal &) = delete;
  ~HeldChildSignal() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  // Until a child of this process ends, for a while only: with threads, the signal may come to another one.
  void wait_for(std::int64_t left_ms) const {
    const std::int64_t ms = std::min<std::int64_t>(left_ms, 5);
    const timespec pause{0, ms * 1'000'000};
    ::sigtimedwait(&signals_, nullptr, &pause);
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace

bool has_ended(pid_t child) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

std::optional<int> end_group(pid_t child, Clock &clock) {
  const HeldChildSignal signal;
  ::kill(-child, SIGKILL);  // guard: worker-group-killed
  ::kill(child, SIGKILL);
  const Deadline give_up{clock.monotonic_ms() + 1000};
  int status = 0;
  while (true) {
    const pid_t reaped = ::waitpid(child, &status, WNOHANG);
    if (reaped == child) return status;
    const std::int64_t left_ms = remaining_ms(give_up, clock);
    if ((reaped < 0 && errno != EINTR) || left_ms <= 0) return std::nullopt;
    signal.wait_for(left_ms);
  }
}

void make_non_blocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

}  // namespace regcred::core
