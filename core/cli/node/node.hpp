// SPDX-License-Identifier: Apache-2.0
// The parts of `regcred node`: one command for each thing that it does.
#pragma once

#include "cli/commands.hpp"

namespace regcred::core {

// What is on this node, and what an installation would do (status.cpp). Changes nothing.
extern const Command node_status;

// Puts regcred, its configuration and its providers on this node (install.cpp).
extern const Command node_install;

// Takes away what an installation put there (remove.cpp).
extern const Command node_remove;

// Runs on the node: events of pods, metrics, and a configuration that is followed (agent.cpp).
extern const Command node_agent;

}  // namespace regcred::core
