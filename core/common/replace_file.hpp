// SPDX-License-Identifier: Apache-2.0
// Writes a file that others read: completely or not at all.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "common/unique_fd.hpp"
#include "common/write_all.hpp"

namespace regcred::core {

// Creates `name`, which must not exist, in `directory` (a descriptor or AT_FDCWD) with exactly `mode`, whatever the
// umask is, and writes `text` to it. Symbolic links are not followed. Returns 0, or errno of what failed; the file is
// then removed again.
[[nodiscard]] inline int create_file(int directory, const std::string &name, std::string_view text,
                                     mode_t mode) noexcept {
  const UniqueFd fd(::openat(directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!fd) return errno;
  if (::fchmod(fd.get(), mode) == 0 && write_all(fd.get(), text)) return 0;
  const int reason = errno;
  ::unlinkat(directory, name.c_str(), 0);
  return reason;
}

// Makes the directory `path` with mode 0755, whatever the umask is. The mode is set on the open directory, so that a
// rename in the meantime cannot make this change another file. Returns 0, or errno of what failed; EEXIST when
// something of that name is there.
[[nodiscard]] inline int create_public_directory(const std::string &path) noexcept {
  if (::mkdir(path.c_str(), 0755) != 0) return errno;
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd || ::fchmod(fd.get(), 0755) != 0) return errno;
  return 0;
}

// Replaces or creates `name` in one step: a reader finds the old content or the new one. The text is first written to
// `temporary` in the same directory; a file of that name is assumed to be left by a killed process, and is removed. So
// `temporary` must differ between processes, unless they hold a lock. Returns 0, or errno of what failed; `name` is
// then as before, and `temporary` is gone.
[[nodiscard]] inline int replace_file(int directory, const std::string &name, const std::string &temporary,
                                      std::string_view text, mode_t mode) noexcept {
  ::unlinkat(directory, temporary.c_str(), 0);
  int reason = create_file(directory, temporary, text, mode);
  if (reason == 0 && ::renameat(directory, temporary.c_str(), directory, name.c_str()) != 0) {
    reason = errno;
    ::unlinkat(directory, temporary.c_str(), 0);
  }
  return reason;
}

}  // namespace regcred::core
