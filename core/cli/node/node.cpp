// SPDX-License-Identifier: Apache-2.0
// `regcred node WHAT`.
#include "cli/node/node.hpp"

#include <memory>

namespace regcred::core {
namespace {

constexpr const Command *parts[] = {&node_status, &node_install, &node_remove, &node_agent};

Run declare(ArgumentParser &parser) {
  const auto chosen = std::make_shared<Run>();
  add_commands(parser, parts, *chosen);
  return [chosen](const Context &context) { return (*chosen)(context); };
}

}  // namespace

const Command node_command = {"node", "Look at this node's kubelet, and install regcred for it", declare};

}  // namespace regcred::core
