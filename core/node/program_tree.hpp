// SPDX-License-Identifier: Apache-2.0
// What of an installation of regcred is copied to a node.
#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"

namespace regcred::core {

// A file, symlink or directory of the tree. Directories stand before what is in them.
struct TreeItem {
  enum class Kind { directory, file, link };
  Kind kind = Kind::file;
  std::string path;  // below the tree: "lib/regcred/backends/ecr.so"
  unsigned mode = 0;
  std::string target;  // of a link
};

// bin/regcred*, lib/regcred, share/regcred and share/doc/regcred below `prefix`, sorted by path. Fails with
// ErrorCode::internal when one of the first two is missing, on devices and sockets, and with more than 10,000 items.
[[nodiscard]] Result<std::vector<TreeItem>> list_program_tree(const std::string &prefix);

// SHA-256 of paths, kinds, modes and contents.
[[nodiscard]] Result<std::string> digest_of_tree(const std::string &prefix, const std::vector<TreeItem> &items);

}  // namespace regcred::core
