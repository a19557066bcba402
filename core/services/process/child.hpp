// SPDX-License-Identifier: Apache-2.0
// What is done with a child that leads a process group of its own: a worker, a program that a backend runs.
#pragma once

#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include "services/clock/clock.hpp"

namespace regcred::core {

// Whether it has ended. Does not reap it.
[[nodiscard]] bool has_ended(pid_t child);

// Kills the whole group, so that no grandchild stays, and takes the child's status. Never waits for more than a second:
// a process stuck in the kernel must not hold up the kubelet.
std::optional<int> end_group(pid_t child, Clock &clock);

void make_non_blocking(int fd);

// Reads what is there now, but not for ever when a writer keeps pace; `fd` is non-blocking. False at the end of the
// file, and when `take(std::string_view)` does not want more.
template <class Take>
bool drain(int fd, Take &&take) {
  std::array<char, 16384> chunk{};
  for (int chunks = 0; chunks < 16; ++chunks) {
    const ssize_t size = ::read(fd, chunk.data(), chunk.size());
    if (size > 0) {
      const bool goes_on = take(std::string_view(chunk.data(), static_cast<std::size_t>(size)));
      ::explicit_bzero(chunk.data(), static_cast<std::size_t>(size));
      if (!goes_on) return false;
      continue;
    }
    if (size < 0 && errno == EINTR) continue;
    return size < 0 && errno == EAGAIN;
  }
  return true;
}

}  // namespace regcred::core
