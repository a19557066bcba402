// SPDX-License-Identifier: Apache-2.0
// How an installation is taken from a node: what the state says that it wrote, and nothing else. Reads only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/node_facts.hpp"

namespace regcred::core {

struct RemovalPlan {
  struct Change {
    std::string path;                    // on the node
    std::optional<std::string> content;  // nothing: the file is removed
  };
  std::vector<Change> changes;     // of the kubelet's files, before it is restarted
  std::string restart;             // why it must be; empty: it need not
  std::vector<std::string> files;  // removed after that: files, and links to regcred
  std::vector<std::string> trees;  // the same with all that is in them
};

// Flags go before the file that they name; an entry goes before its program. Nothing is planned when nothing is
// installed. Fails with ErrorCode::config when the kubelet would not start after it: no provider would be left and the
// flags are not ours, or an entry that no installation wrote names one of our programs; and when the rest of its
// configuration is faulty. With ErrorCode::usage when no kubelet runs.
[[nodiscard]] Result<RemovalPlan> plan_removal(const NodeFacts &facts, const HostRoot &root);

}  // namespace regcred::core
