// SPDX-License-Identifier: Apache-2.0
// Small files of /proc.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "common/unique_fd.hpp"

namespace regcred::core {

// The first line of the file at `path`, at most `bytes_max` of it, without its newline; empty when it cannot be read.
[[nodiscard]] inline std::string read_line(const char *path, std::size_t bytes_max) {
  const UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC));
  std::string line(bytes_max, '\0');
  const ssize_t size = fd ? ::read(fd.get(), line.data(), line.size()) : 0;
  line.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return line.substr(0, line.find('\n'));
}

}  // namespace regcred::core
