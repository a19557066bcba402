// SPDX-License-Identifier: Apache-2.0
// What a process does to itself before it handles tokens.
#pragma once

#include <sys/types.h>

#include "common/result.hpp"

namespace regcred::core {

// For the whole program, at its start: no core dump and not dumpable (S2), umask 077 (F6), SIGPIPE ignored (a closed
// pipe is an error value), SIGCHLD not ignored (an inherited SIG_IGN takes away how a child ended), descriptors 0 to 2
// open (a closed one would be taken by the next open and written to). Fails with ErrorCode::internal when the kernel
// refuses one of them.
[[nodiscard]] Status harden_process();

struct WorkerDescriptors {
  int result;  // becomes descriptor 3
  int errors;  // becomes descriptor 2
};

// For the worker, right after fork: own process group, dies with `parent`, these two descriptors and no other (0 and 1
// are /dev/null), an empty environment, "/" as working directory, bounded memory, no core dump, not dumpable, no new
// privileges. False when one step fails, errno says why: the worker must end at once then. Its result descriptor is
// then still where it was, or already worker_result_fd.
[[nodiscard]] bool enter_worker(pid_t parent, WorkerDescriptors descriptors) noexcept;

inline constexpr int worker_result_fd = 3;

}  // namespace regcred::core
