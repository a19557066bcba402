// SPDX-License-Identifier: Apache-2.0
// An owned pipe.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "common/unique_fd.hpp"

namespace regcred::core {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

// Both ends are closed on exec. Empty when there is none; errno says why.
[[nodiscard]] inline std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace regcred::core
