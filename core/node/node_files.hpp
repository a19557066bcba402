// SPDX-License-Identifier: Apache-2.0
// What an installation does to the node's files, one small step at a time: whatever ends the process between two steps,
// or within one, the steps before it are on the disk.
#pragma once

#include <string>
#include <string_view>

#include "common/host_root.hpp"
#include "common/result.hpp"

namespace regcred::core {

// Real: RealNodeFiles. In tests: one that stops after a number of steps. Paths are those of the node. A path's
// directory must be one that only root decides on (HostRoot::open_trusted_directory). All fail with ErrorCode::config.
class NodeFiles {
 public:
  NodeFiles() = default;
  NodeFiles(const NodeFiles &) = delete;
  NodeFiles &operator=(const NodeFiles &) = delete;
  virtual ~NodeFiles() = default;

  // With mode 0755; it may be there already.
  [[nodiscard]] virtual Status make_directory(const std::string &path) = 0;
  // A file that is not there yet, written to the disk. `like` names a file whose owner, mode and SELinux label it gets,
  // if that is there.
  [[nodiscard]] virtual Status create_file(const std::string &path, std::string_view text, unsigned mode,
                                           const std::string &like) = 0;
  // The same with the content of a file that is here.
  [[nodiscard]] virtual Status copy_file(const std::string &from_here, const std::string &path, unsigned mode) = 0;
  [[nodiscard]] virtual Status make_link(const std::string &path, const std::string &target) = 0;
  // Both in one directory, which is then written to the disk. A file at `to` is replaced in one step.
  [[nodiscard]] virtual Status rename(const std::string &from, const std::string &to) = 0;
  // A file or link; it need not be there. The directory is then written to the disk.
  [[nodiscard]] virtual Status remove(const std::string &path) = 0;
  // A directory with all that is in it; it need not be there.
  [[nodiscard]] virtual Status remove_tree(const std::string &path) = 0;
  // Writes the names of a directory to the disk.
  [[nodiscard]] virtual Status sync_directory(const std::string &path) = 0;
};

class RealNodeFiles final : public NodeFiles {
 public:
  explicit RealNodeFiles(const HostRoot &root) : root_(root) {}
  [[nodiscard]] Status make_directory(const std::string &path) override;
  [[nodiscard]] Status create_file(const std::string &path, std::string_view text, unsigned mode,
                                   const std::string &like) override;
  [[nodiscard]] Status copy_file(const std::string &from_here, const std::string &path, unsigned mode) override;
  [[nodiscard]] Status make_link(const std::string &path, const std::string &target) override;
  [[nodiscard]] Status rename(const std::string &from, const std::string &to) override;
  [[nodiscard]] Status remove(const std::string &path) override;
  [[nodiscard]] Status remove_tree(const std::string &path) override;
  [[nodiscard]] Status sync_directory(const std::string &path) override;

 private:
  const HostRoot &root_;
};

// `path` and all directories above it that are missing.
[[nodiscard]] Status make_directories(NodeFiles &files, const HostRoot &root, const std::string &path);

// Replaces or creates a file, or a link, in one step, by way of ".NAME.regcred-new" beside it.
[[nodiscard]] Status replace_file(NodeFiles &files, const std::string &path, std::string_view text, unsigned mode);
[[nodiscard]] Status replace_link(NodeFiles &files, const std::string &path, const std::string &target);

}  // namespace regcred::core
