// SPDX-License-Identifier: Apache-2.0
#include "services/process/orphans.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>

#include "common/contains.hpp"
#include "common/unique_fd.hpp"

namespace regcred::core {
namespace {

constexpr std::int64_t end_ms_max = 200;

bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

// From /proc/PID/stat: "42 (name, which may hold anything) S PARENT ...". 0 when it cannot be read.
pid_t parent_of(const char *pid) {
  const UniqueFd fd(::open(("/proc/" + std::string(pid) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 512> bytes{};
  const ssize_t size = ::read(fd.get(), bytes.data(), bytes.size() - 1);
  const std::string_view text(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::size_t name_end = text.rfind(") ");
  if (name_end == std::string_view::npos || name_end + 4 >= text.size()) return 0;
  return static_cast<pid_t>(std::strtol(bytes.data() + name_end + 4, nullptr, 10));
}

std::vector<pid_t> children() {
  std::vector<pid_t> found;
  if (!has_children()) return found;  // the usual case, for one system call
  const std::unique_ptr<DIR, int (*)(DIR *)> processes(::opendir("/proc"), ::closedir);
  const pid_t self = ::getpid();
  while (const dirent *entry = processes ? ::readdir(processes.get()) : nullptr) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || parent_of(entry->d_name) != self) continue;
    found.push_back(static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10)));
  }
  return found;
}

}  // namespace

Orphans::Orphans(Clock &clock) : clock_(clock), before_(children()) { ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

Orphans::~Orphans() {
  const std::int64_t give_up_ms = clock_.monotonic_ms() + end_ms_max;
  bool some_left = true;
  while (some_left && clock_.monotonic_ms() <= give_up_ms) {
    some_left = false;
    for (const pid_t child : children()) {
      // guard: other-children-live
      if (contains(before_, child)) continue;
      some_left = true;        // until nothing is found: what it started in turn comes here as well
      ::kill(child, SIGKILL);  // guard: daemons-killed
      ::waitpid(child, nullptr, WNOHANG);
    }
    const timespec pause{0, 200'000};
    if (some_left) ::nanosleep(&pause, nullptr);
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

}  // namespace regcred::core
