// SPDX-License-Identifier: Apache-2.0
// Writes all bytes.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace regcred::core {

// Writes all of `bytes` to `fd`, also after interruptions and partial writes. False when that fails; errno says why.
[[nodiscard]] inline bool write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace regcred::core
