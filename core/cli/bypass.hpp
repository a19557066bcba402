// SPDX-License-Identifier: Apache-2.0
// What the node remembers (cache/) and a pull would go by, for commands that ask the registry all the same.
#pragma once

#include <string>
#include <vector>

#include "cli/workshop.hpp"

namespace regcred::core {

// What `get` and `doctor` do otherwise than a pull. Both are empty when the node remembers nothing that counts.
struct Bypassed {
  std::string cache;                   // that an entry's answers are kept, and that none of them was used
  std::vector<std::string> throttled;  // one for each host that asked for no requests until later
};

// For the entries of `route`. A memory that cannot be read, as by another user than root, counts as empty.
[[nodiscard]] Bypassed find_bypassed(const Workshop &workshop, const Route &route);

// The command that forgets the throttled hosts.
[[nodiscard]] std::string clear_throttle_command(const Config &config);

}  // namespace regcred::core
