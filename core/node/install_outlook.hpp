// SPDX-License-Identifier: Apache-2.0
// A plan against what is on the node: which steps are done already, what is in the way, whether the kubelet must be
// restarted. Reads only.
#pragma once

#include <string>
#include <vector>

#include "node/install_plan.hpp"

namespace regcred::core {

struct InstallOutlook {
  std::vector<bool> is_done;  // for each step of the plan: there is nothing to do
  std::string restart;        // why the kubelet must be restarted; empty: it need not
  std::vector<Finding> findings;

  [[nodiscard]] bool is_up_to_date() const;
};

// Rules of the findings, all of them errors:
//   node-place     a directory on the way to a step's path is writable by others than root, on a read-only file system,
//                  or for programs on one without execution (noexec)
//   foreign-file   at the path of a registry file stands one that no installation wrote; at that of a link stands
//                  something else than a link to regcred
[[nodiscard]] InstallOutlook compare_with_node(const InstallPlan &plan, const NodeFacts &facts, const HostRoot &root);

}  // namespace regcred::core
