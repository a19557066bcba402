// SPDX-License-Identifier: Apache-2.0
#include "common/close_from.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace regcred::core {

// close_range(2) where the kernel has it (5.9), else those that /proc shows. Without /proc one by one, to a bound: the
// limit of open files may be 10^9.
void close_from(int first) noexcept {
  if (::close_range(static_cast<unsigned>(first), ~0U, 0) == 0) return;
  constexpr long bound = 65'536;
  if (DIR *const open = ::opendir("/proc/self/fd"); open != nullptr) {
    while (const dirent *entry = ::readdir(open)) {
      const int fd = static_cast<int>(std::strtol(entry->d_name, nullptr, 10));  // "." and "..": 0
      if (fd >= first && fd != ::dirfd(open)) ::close(fd);
    }
    ::closedir(open);
    return;
  }
  const long open_max = ::sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < std::min(open_max > 0 ? open_max : bound, bound); ++fd) ::close(fd);
}

}  // namespace regcred::core
