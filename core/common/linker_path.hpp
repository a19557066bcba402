// SPDX-License-Identifier: Apache-2.0
// A path by which dlopen maps an already open file, whatever happens to the file's name (promise F3).
#pragma once

#include <string>

#include "common/unique_fd.hpp"

namespace regcred::core {

// The path to give to the dynamic linker for `file`. The descriptor then stays open until the process ends: the linker
// recognises a mapped library by its path, so a descriptor number that is reused would give the wrong library.
[[nodiscard]] inline std::string linker_path(UniqueFd file) {
  return "/proc/self/fd/" + std::to_string(file.release());
}

}  // namespace regcred::core
