// SPDX-License-Identifier: Apache-2.0
// What an installation must know of the node: read once, before anything is planned.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cluster/provider_config.hpp"
#include "node/installed_state.hpp"
#include "node/kubelet_unit.hpp"
#include "node/running_kubelet.hpp"

namespace regcred::core {

// Of /etc/os-release.
struct NodeSystem {
  std::string id;       // "debian", "cos", "rhcos"
  std::string variant;  // VARIANT_ID: "coreos"
  std::string name;     // PRETTY_NAME
};

struct NodeFacts {
  NodeSystem system;
  std::optional<RunningKubelet> kubelet;
  KubernetesVersion version = newest_known_kubernetes;
  std::optional<KubeletUnit> unit;
  std::vector<ProviderText> environment_files;  // of the unit: those that are there
  bool has_directory = false;                   // the kubelet's configuration is a directory
  std::vector<ProviderText> provider_files;     // of the kubelet's configuration, in its order
  ProviderConfig providers;                     // the same as data; each known by its program
  std::vector<Finding> findings;                // on these
  std::optional<ProviderText> own_file;         // at NodePlaces::provider_file, whether the kubelet reads it or not
  InstalledState state;
};

// Reads all of it but the kubelet, its version and the state, which are given. `own_executable` as in ProgramPlace.
[[nodiscard]] Result<NodeFacts> read_node_facts(const HostRoot &root, std::optional<RunningKubelet> kubelet,
                                                KubernetesVersion version, InstalledState state,
                                                const std::string &own_executable);

}  // namespace regcred::core
