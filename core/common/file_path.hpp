// SPDX-License-Identifier: Apache-2.0
// The two parts of an absolute path. Text only: nothing is looked up.
#pragma once

#include <algorithm>
#include <string>

namespace regcred::core {

// The directory that `path` is in; "/" for names in the root.
[[nodiscard]] inline std::string parent_of(const std::string &path) {
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

// What is behind the last '/'.
[[nodiscard]] inline std::string file_name_of(const std::string &path) { return path.substr(path.rfind('/') + 1); }

}  // namespace regcred::core
