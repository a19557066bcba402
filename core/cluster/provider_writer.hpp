// SPDX-License-Identifier: Apache-2.0
// A plan as the kubelet's CredentialProviderConfig, for people: YAML with comments.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cluster/kubernetes_version.hpp"
#include "cluster/provider_plan.hpp"

namespace regcred::core {

// How the kubelet must start regcred; the same for every provider.
struct ProviderCall {
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  // NAME and value
};

// The file for kubelets of `version`, which accept it unchanged: tokenAttributes from 1.33 on, cacheType from 1.34 on.
// `origin` names the configuration that the plan comes from. Entries that the plan leaves out are named in a comment.
// Texts from the configuration are quoted and escaped, so that none of them can become YAML. `plan.providers` must not
// be empty: the kubelet refuses a file without any.
[[nodiscard]] std::string write_provider_config(const ProviderPlan &plan, KubernetesVersion version,
                                                const std::string &origin, const ProviderCall &call);

}  // namespace regcred::core
