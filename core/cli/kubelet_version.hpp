// SPDX-License-Identifier: Apache-2.0
// Which version the running kubelet is.
#pragma once

#include <optional>
#include <string>

#include "cli/commands.hpp"
#include "node/running_kubelet.hpp"

namespace regcred::core {

// "v1.34.1+k3s1". From its path, or from the program itself. The program is started with --version, in the root of the
// node, only when it is the file that runs and only root can change it. Empty when the version cannot be found.
[[nodiscard]] std::optional<std::string> version_of(const RunningKubelet &kubelet, const HostRoot &root,
                                                    const Context &context);

}  // namespace regcred::core
