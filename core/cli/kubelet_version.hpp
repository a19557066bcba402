// SPDX-License-Identifier: Apache-2.0
// Which version the running kubelet is.
#pragma once

#include <optional>
#include <string>

#include "cli/commands.hpp"
#include "node/running_kubelet.hpp"

namespace regcred::core {

// "v1.34.1+k3s1". From its path, or from the program itself: it is started with --version when it is root's file which
// nobody else may change, on this system, and the one that runs. Empty when it cannot be known.
[[nodiscard]] std::optional<std::string> version_of(const RunningKubelet &kubelet, const HostRoot &root,
                                                    const Context &context);

}  // namespace regcred::core
