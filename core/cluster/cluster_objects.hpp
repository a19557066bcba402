// SPDX-License-Identifier: Apache-2.0
// The objects that a cluster needs besides the kubelet's configuration, as YAML for people.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/provider_plan.hpp"

namespace regcred::core {

// The rules that let kubelets ask for tokens of the plan's audiences, and of no other (KEP-4412; verb
// request-serviceaccounts-token-audience, the audience as resource): a ClusterRole, or with `name_space` a Role for
// service accounts of that namespace, each bound to Group system:nodes. Fails with ErrorCode::config when an audience
// would be a rule for all audiences ("*"), and when no provider of the plan sends a token.
[[nodiscard]] Result<std::string> write_rbac(const ProviderPlan &plan, const std::string &origin,
                                             const std::optional<std::string> &name_space);

// Name, namespace and the values of `--annotation`.
struct ServiceAccountOptions {
  std::string name;
  std::string name_space = "default";
  std::vector<std::pair<std::string, std::string>> annotations;
};

// A ServiceAccount with the given annotations; other annotations that the plan's entries read are written as comments.
// Fails with ErrorCode::usage on a name that Kubernetes refuses, and on an annotation that no entry reads.
[[nodiscard]] Result<std::string> write_service_account(const ProviderPlan &plan, const ServiceAccountOptions &options);

}  // namespace regcred::core
