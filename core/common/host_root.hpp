// SPDX-License-Identifier: Apache-2.0
// The file system of the node: "/", or the place where a container sees it.
#pragma once

#include <cstddef>
#include <string>

#include "common/result.hpp"
#include "common/unique_fd.hpp"

namespace regcred::core {

// Paths are those of the node. A symlink leads to where it leads on the node, never out of the root.
class HostRoot {
 public:
  explicit HostRoot(std::string path = "/");

  // Whether the node's file system is that of this process.
  [[nodiscard]] bool is_ours() const noexcept { return prefix_.empty(); }
  // Where `path` lies here, without following its symlinks: for messages.
  [[nodiscard]] std::string here(const std::string &path) const;
  // Where `path` lies here, every symlink followed. What does not exist is left as it is.
  [[nodiscard]] std::string real(const std::string &path) const { return prefix_ + real_on_node(path); }
  [[nodiscard]] std::string real_on_node(const std::string &path) const;

  [[nodiscard]] bool is_file(const std::string &path) const;
  [[nodiscard]] bool is_directory(const std::string &path) const;
  // All of a regular file. Fails with ErrorCode::config when it cannot be read or is longer than `bytes_max`.
  [[nodiscard]] Result<std::string> read(const std::string &path, std::size_t bytes_max) const;
  // Opens the directory `path`, in which nobody but root (and us) decides what the names are, nor in one above it up to
  // the root (common/trusted_file.hpp). Fails with ErrorCode::config, and with the command that cures it.
  [[nodiscard]] Result<UniqueFd> open_trusted_directory(const std::string &path) const;

 private:
  std::string prefix_;  // without a slash at its end: empty for "/"
};

}  // namespace regcred::core
