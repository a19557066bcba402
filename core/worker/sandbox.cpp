// SPDX-License-Identifier: Apache-2.0
#include "worker/sandbox.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "common/close_from.hpp"

namespace regcred::core {
namespace {

// Address space of a worker: ample for any backend, and a runaway one meets std::bad_alloc instead of the node's OOM
// killer. Sanitizers reserve terabytes of address space, so their builds go without.
[[maybe_unused]] constexpr rlim_t worker_address_space_bytes = 2ULL << 30U;  // guard: worker-memory

bool limit(__rlimit_resource resource, rlim_t value) noexcept {
  const rlimit limits{value, value};
  return ::setrlimit(resource, &limits) == 0;
}

bool bound_memory() noexcept {
#ifdef REGCRED_SANITIZED
  return true;
#else
  rlimit current{};
  if (::getrlimit(RLIMIT_AS, &current) == 0 && current.rlim_cur < worker_address_space_bytes) return true;
  current.rlim_cur = worker_address_space_bytes;  // the second stays: a program that a backend runs gets it back
  return ::setrlimit(RLIMIT_AS, &current) == 0;
#endif
}

// S2. Not being dumpable also keeps peers of the same user from tracing the process.
// guard: no-dumps
bool forbid_dumps() noexcept { return limit(RLIMIT_CORE, 0) && ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0; }

// A closed one would be taken by the next open. What takes its place can be used for nothing: reading and writing fail
// as they do on a closed one, so that an answer that nobody can have read is not a success (L6).
bool fill_standard_descriptors() noexcept {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    if (::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) return false;
  }
  return true;
}

bool arrange_descriptors(WorkerDescriptors descriptors) noexcept {
  // Both pipes may stand anywhere, also on 0 to 3: lift them above before the low numbers are filled.
  const int result = ::fcntl(descriptors.result, F_DUPFD, worker_result_fd + 1);
  const int errors = ::fcntl(descriptors.errors, F_DUPFD, worker_result_fd + 1);
  const int null = ::open("/dev/null", O_RDWR);
  const bool done = result >= 0 && errors >= 0 && null >= 0 && ::dup2(null, STDIN_FILENO) >= 0 &&
                    // guard: worker-descriptors
                    ::dup2(null, STDOUT_FILENO) >= 0 && ::dup2(errors, STDERR_FILENO) >= 0 &&
                    ::dup2(result, worker_result_fd) >= 0;
  // guard: worker-has-nothing-else
  if (done) close_from(worker_result_fd + 1);  // else they are needed to tell why
  return done;
}

}  // namespace

Status harden_process() {
  if (!fill_standard_descriptors()) {  // guard: descriptors-filled
    return fail(ErrorCode::internal, "/dev/null", std::string("cannot be opened: ") + std::strerror(errno),
                "mount /dev");
  }
  if (!forbid_dumps()) {  // guard: program-not-traced
    return fail(ErrorCode::internal, "process", std::string("core dumps cannot be forbidden: ") + std::strerror(errno),
                "allow prctl(PR_SET_DUMPABLE) and setrlimit(RLIMIT_CORE)");
  }
  ::umask(077);  // guard: umask
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);  // guard: sigchld-default
  return {};
}

bool enter_worker(pid_t parent, WorkerDescriptors descriptors) noexcept {
  std::set_terminate(std::abort);  // a worker's crash is to look like one
  if (::setpgid(0, 0) != 0) return false;
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return false;  // guard: worker-dies-with-parent
  if (::getppid() != parent) return false;                             // it died before the line above took effect
  if (!arrange_descriptors(descriptors)) return false;
  // guard: worker-environment
  ::clearenv();  // L4: SSLKEYLOGFILE, OPENSSL_CONF, CURL_*, NETRC, LD_* of later children have no effect
  if (::chdir("/") != 0) return false;
  // guard: no-new-privileges
  return bound_memory() && forbid_dumps() && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

}  // namespace regcred::core
