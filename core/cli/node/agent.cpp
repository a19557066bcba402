// SPDX-License-Identifier: Apache-2.0
// `regcred node agent`.
#include <memory>

#include "cli/node/agent_options.hpp"
#include "cli/node/node.hpp"

namespace regcred::core {
namespace {

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<AgentOptions>();
  add_agent_options(parser, *options);
  return [options](const Context &) -> Output {
    return {"", Error{ErrorCode::internal, "regcred node agent", "does nothing yet", "use a later version"}};
  };
}

}  // namespace

const Command node_agent = {"agent", "Post failed requests as events of pods, and follow a configuration", declare};

}  // namespace regcred::core
