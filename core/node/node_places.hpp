// SPDX-License-Identifier: Apache-2.0
// Where regcred's parts go on a node, by its system. Pure.
#pragma once

#include <string>

#include "common/result.hpp"
#include "node/node_facts.hpp"

namespace regcred::core {

struct NodePlaces {
  std::string programs;       // versions/ and the link `current`
  std::string configuration;  // the registry files
  std::string arguments;      // --config for the kubelet's call; empty: the default place is used
  std::string provider_file;  // for a kubelet that has none yet
  std::string bin_directory;  // the same
};

// By default /opt/regcred and /etc/regcred. Container-Optimized OS: /home/kubernetes/regcred, since / is read-only and
// /etc is made anew at every boot. CoreOS: /var/lib/regcred, since /opt may be read-only. k3s and RKE2: their own place
// for providers, which needs no flag.
// Fails with ErrorCode::config on systems that take no provider of ours (Bottlerocket), or only as a part of the system
// (Talos).
[[nodiscard]] Result<NodePlaces> places_of(const NodeFacts &facts);

}  // namespace regcred::core
