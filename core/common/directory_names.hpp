// SPDX-License-Identifier: Apache-2.0
// What stands in an open directory.
#pragma once

#include <dirent.h>
#include <fcntl.h>

#include <memory>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace regcred::core {

// The names in the directory behind `directory`, in no order and without those that start with a dot, at most
// `count_max`. The position of that descriptor stays. Empty when it cannot be read.
[[nodiscard]] inline std::vector<std::string> names_in_directory(int directory, std::size_t count_max) {
  std::vector<std::string> names;
  UniqueFd fd(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return names;
  const std::unique_ptr<DIR, int (*)(DIR *)> stream(::fdopendir(fd.get()), &::closedir);
  if (!stream) return names;
  static_cast<void>(fd.release());
  while (const dirent *entry = names.size() < count_max ? ::readdir(stream.get()) : nullptr) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

}  // namespace regcred::core
