// SPDX-License-Identifier: Apache-2.0
// What all parts of `regcred node` begin with: the node, what is ours, and what an installation would do.
#pragma once

#include <optional>
#include <string>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "node/install_outlook.hpp"

namespace regcred::core {

struct InstallOptions {
  std::string host_root = "/";
  std::optional<std::string> kubernetes_version;
  std::string mode = "auto";
};
// --host-root, --kubernetes-version and --mode.
void add_install_options(ArgumentParser &parser, InstallOptions &options);

struct NodeSurvey {
  HostRoot root;
  NodeFacts facts;
  std::string version;  // of the kubelet, as it was found or given; empty: not known
  OwnParts own;
  InstallPlan plan;  // without steps when `refusal` is set
  InstallOutlook outlook;
  std::optional<Error> refusal;   // why nothing can be planned
  std::vector<Finding> findings;  // of plan and outlook
};

// The kubelet, its files and what is installed. Fails when the node cannot be looked at. Without --kubernetes-version
// and a version that can be found, the newest known one is assumed.
[[nodiscard]] Result<NodeFacts> look_at_node(const InstallOptions &options, const Context &context);

// Looks at the node; changes nothing. What prevents an installation is in `refusal` and `findings`. Fails
// when the node cannot be looked at: its processes or its files cannot be read.
[[nodiscard]] Result<NodeSurvey> survey_node(const InstallOptions &options, const Context &context);

}  // namespace regcred::core
