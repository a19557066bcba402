// SPDX-License-Identifier: Apache-2.0
// Directories of the node, opened so that nobody but root decides what they are.
#pragma once

#include <string>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "common/unique_fd.hpp"

namespace regcred::core {

// Opens the directory `path` of the node: its symlinks are followed as on the node, and every directory on the way,
// down from the root, belongs to root (or us) and may be written to by nobody else. Unlike open_trusted_directory it
// takes the root as it is given, also /proc/1/root, which is a link of the kernel's own kind. Fails with
// ErrorCode::config, and with the command that cures it.
[[nodiscard]] Result<UniqueFd> open_node_directory(const HostRoot &root, const std::string &path);

}  // namespace regcred::core
