// SPDX-License-Identifier: Apache-2.0
// A directory whose content only this user reads and writes. It is judged once, on its descriptor; everything in it is
// opened relative to that.
#pragma once

#include <sys/vfs.h>

#include <cstddef>
#include <optional>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/unique_fd.hpp"

namespace regcred::core {

class PrivateDirectory {
 public:
  enum class Missing { make, leave };

  // Whether something is at `path`, a link that leads nowhere included.
  [[nodiscard]] static bool is_there(const std::string &path) noexcept;

  // Opens `path`: a directory, no symlink, of this user, with no right for group and others, below directories that
  // pass open_trusted_directory (common/trusted_file.hpp). One that is missing is made with mode 0700, and its parent,
  // if that is missing as well, with 0755. Fails with ErrorCode::config, the one reason and the command that cures it.
  [[nodiscard]] static Result<PrivateDirectory> open(const std::string &path, Missing missing);

  [[nodiscard]] const std::string &path() const noexcept { return path_; }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  // Whether it lies in memory (tmpfs, ramfs), so that nothing of it reaches a disk.
  [[nodiscard]] bool is_in_memory() const noexcept;
  // The same of the file system that statfs(2) found.
  [[nodiscard]] static bool is_in_memory(const struct statfs &mount) noexcept;

  // Opens a regular file of this user with one name and no right for others. Waits for nothing. With
  // `flags` O_CREAT it is made with mode 0600.
  [[nodiscard]] UniqueFd open_file(const std::string &name, int flags) const noexcept;

  // All of such a file; empty when there is none, or it is larger than `bytes_max`. `present` says whether something of
  // that name is there.
  [[nodiscard]] std::optional<Secret> read(const std::string &name, std::size_t bytes_max, bool &present) const;

  // Replaces or creates `name` in one step (common/replace_file.hpp). Returns 0, or errno of what failed.
  [[nodiscard]] int replace(const std::string &name, std::string_view bytes) const;

  // False when it is still there.
  bool remove(const std::string &name) const noexcept;

  // The names in it, without those that start with a dot, at most `count_max`.
  [[nodiscard]] std::vector<std::string> names(std::size_t count_max) const;

 private:
  PrivateDirectory(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  UniqueFd fd_;
};

}  // namespace regcred::core
