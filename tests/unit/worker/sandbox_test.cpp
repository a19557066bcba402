// SPDX-License-Identifier: Apache-2.0
#include "worker/sandbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace regcred::core {
namespace {

// In a process of its own, without `closed`: 0 when what is opened next is no standard descriptor, and `closed` can
// neither give nor take a byte.
int look_without(int closed) {
  ::close(closed);
  if (!harden_process()) return 1;
  if (::open("/dev/zero", O_RDWR | O_CLOEXEC) <= STDERR_FILENO) return 2;
  char byte = 0;
  return (closed == STDIN_FILENO ? ::read(closed, &byte, 1) : ::write(closed, &byte, 1)) < 0 ? 0 : 3;
}

TEST(Sandbox, L5_no_file_takes_the_place_of_a_closed_standard_descriptor) {
  for (const int closed : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(look_without(closed));
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << closed << ": " << WEXITSTATUS(status);
  }
}

// The system call `number` fails with `error`; close() of a descriptor above `many` kills.
bool refuse(unsigned number, int error, unsigned many) {
  const std::array<sock_filter, 8> program = {{
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, __NR_close},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, args[0])},
      {BPF_JMP | BPF_JGT | BPF_K, 0, 1, many},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  }};
  const sock_fprog filter = {static_cast<unsigned short>(program.size()), const_cast<sock_filter *>(program.data())};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// In a process of its own: 0 when a descriptor that the parent left open is closed in the worker.
int enter_without(bool proc) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  const int left_open = ::open("/dev/null", O_RDWR);
  const int far = ::fcntl(left_open, F_DUPFD, 5'000);
  if (far < 0 || !refuse(__NR_close_range, ENOSYS, proc ? 10'000 : 70'000)) return 2;
  if (!proc && (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
                ::umount2("/proc", MNT_DETACH) != 0)) {
    return 3;
  }
  if (!enter_worker(::getppid(), {::dup(left_open), ::dup(left_open)})) return 4;
  return ::fcntl(left_open, F_GETFD) < 0 && ::fcntl(far, F_GETFD) < 0 ? 0 : 5;
}

TEST(Sandbox, descriptors_are_closed_in_good_time_where_the_kernel_cannot_close_a_range) {
  for (const bool proc : {true, false}) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(enter_without(proc));
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << (proc ? "with" : "without") << " /proc: " << WEXITSTATUS(status);
  }
}

}  // namespace
}  // namespace regcred::core
