// The configuration of this run as a plan of the kubelet's providers: for generate and install-links.
#pragma once

#include <memory>

#include "cli/survey_entries.hpp"
#include "cluster/provider_plan.hpp"

namespace regcred::core {

struct KubeletPlan {
  KubernetesVersion version;
  std::unique_ptr<const SurveyedConfig> surveyed;  // `plan` points into it
  ProviderPlan plan;
};

// For the --kubernetes-version of `command`, or the newest known one. Started under the name of drop-in mode, the one
// provider keeps that name. Fails as parse_kubernetes_version and load_surveyed_config do.
[[nodiscard]] Result<KubeletPlan> load_plan(const Command &command, const Context &context);

}  // namespace regcred::core
