// SPDX-License-Identifier: Apache-2.0
// Opens files that must be trusted: configuration, backends, CA files, static secrets.
//
// The rules are sudo's (sudo_secure_fd) and OpenSSH's (safe_path): checked on the open descriptor, parents included, so
// that the file that was checked is the file that is used.
#pragma once

#include <cstddef>
#include <string>

#include "common/result.hpp"
#include "common/unique_fd.hpp"

namespace regcred::core {

// Which file modes are accepted.
enum class FileTrust {
  integrity,  // nobody but root or us may write: configuration, CA files, backends
  secret,     // and nobody else may read: mode 0600 or 0400
};

// Who may create names in a directory.
enum class DirectoryTrust {
  each_judged,  // every entry is checked before use: a sticky directory (/tmp) passes
  all_trusted,  // entries are used unchecked, or ours are made there: a sticky one is refused
  whole_way,    // the same, and for every directory on the way
};

// Opens `path` (absolute or relative to the working directory) for reading when
//  - it is a regular file owned by root or by the effective user, not writable by group or others
//    (for FileTrust::secret: mode 0600 or 0400 exactly), and
//  - every directory that is passed on the way from / is owned by root or the effective user and not writable by group
//    or others. A sticky directory (/tmp) passes: in it nobody else can replace an entry that is ours, and
//  - every symlink on the way is owned by root or the effective user; its target is judged as `path` is.
// So nobody else can change what `path` leads to, now or later.
// Otherwise an Error with `code`, the path as `where`, the one reason, and the command that cures it.
[[nodiscard]] Result<UniqueFd> open_trusted(const std::string &path, FileTrust trust, ErrorCode code);

// The same checks for a directory and all its parents. The descriptor can be used for *at calls.
[[nodiscard]] Result<UniqueFd> open_trusted_directory(const std::string &path, ErrorCode code,
                                                      DirectoryTrust entries = DirectoryTrust::each_judged);

// The same for the directory `path` of the file system below `root` (no '/' at its end), which is taken as it is given:
// the walk begins there, its symlinks lead where they lead to below it, and never out of it. Judged as
// DirectoryTrust::whole_way.
[[nodiscard]] Result<UniqueFd> open_trusted_directory_below(const std::string &root, const std::string &path,
                                                            ErrorCode code);

// Whether `fd` is a regular file that only root and we can have put there and written to: for a sticky directory, in
// which others may make names.
[[nodiscard]] bool is_file_of_ours(int fd);

// Whether what is made at `path`, together with the directories that are missing on the way, stays what it was made as:
// the nearest directory that exists is judged as by open_trusted_directory. Asked for root alone: whoever changes what
// another user makes gains no more than that user has, and a umask of 002 is usual among them.
[[nodiscard]] Status judge_place(const std::string &path, ErrorCode code);

// Reads all of `fd`. Fails with `code` when it is longer than `bytes_max` or cannot be read, or when it is non-blocking
// and nothing comes for `silence_ms_max`; `where` names it.
[[nodiscard]] Result<std::string> read_all(int fd, std::size_t bytes_max, ErrorCode code, const std::string &where,
                                           int silence_ms_max = 30'000);

// Opens and reads a file of the command line that need not be trusted. Does not wait for a FIFO without a writer; waits
// for a pipe of the shell, <(command). `cure` is for a file that cannot be opened.
[[nodiscard]] Result<std::string> read_named(const std::string &path, std::size_t bytes_max, ErrorCode code,
                                             const std::string &cure);

// open_trusted and read_all in one step.
[[nodiscard]] Result<std::string> read_trusted(const std::string &path, FileTrust trust, std::size_t bytes_max,
                                               ErrorCode code);

}  // namespace regcred::core
