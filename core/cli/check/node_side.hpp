// SPDX-License-Identifier: Apache-2.0
// What `check --kubelet` knows from the node, and the other options of check without it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cluster/provider_config.hpp"
#include "common/finding.hpp"
#include "node/running_kubelet.hpp"

namespace regcred::core {

struct NodeOptions {
  bool kubelet = false;                           // --kubelet
  std::optional<std::string> bin_directory;       // --bin-dir
  std::string host_root = "/";                    // --host-root
  std::optional<std::string> kubelet_config;      // --kubelet-config, or else that of the kubelet
  std::optional<std::string> kubernetes_version;  // --kubernetes-version, or else that of the kubelet
};
void add_node_options(ArgumentParser &parser, NodeOptions &options);

// The kubelet's side of one run.
struct NodeSide {
  HostRoot root;
  std::optional<RunningKubelet> kubelet;
  std::optional<std::string> kubelet_config;               // on the node
  std::optional<std::string> bin_directory;                // on the node
  std::optional<std::string> version;                      // as it was found or given
  std::vector<std::pair<std::string, std::string>> facts;  // for the head of the report: label and text
  std::vector<Finding> findings;                           // about the running kubelet
};

// Finds the kubelet when the options ask for it. Fails as find_running_kubelet does.
[[nodiscard]] Result<NodeSide> find_node_side(const NodeOptions &options, const Context &context);

// Checks the programs of `providers`, and whether the provider of the node's vendor is missing.
void check_programs(const NodeSide &node, const std::string &own_executable, KubernetesVersion version,
                    ProviderConfig &providers, std::vector<Finding> &findings);

}  // namespace regcred::core
