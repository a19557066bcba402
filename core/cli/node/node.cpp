// SPDX-License-Identifier: Apache-2.0
// `regcred node WHAT`.
#include "cli/node/node.hpp"

namespace regcred::core {
namespace {

constexpr const Command *parts[] = {&node_status, &node_install, &node_remove, &node_agent};

Run declare(ArgumentParser &parser) { return declare_parts(parser, parts); }

}  // namespace

const Command node_command = {"node", "Look at this node's kubelet, and install regcred for it", declare};

}  // namespace regcred::core
