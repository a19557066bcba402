// SPDX-License-Identifier: Apache-2.0
// The configuration of this run as a plan of the kubelet's providers: for generate and install-links.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/workshop.hpp"
#include "cluster/provider_plan.hpp"

namespace regcred::core {

struct KubeletPlan {
  KubernetesVersion version;
  std::unique_ptr<Workshop> workshop;  // `plan` points into it and into `backends`
  std::unique_ptr<const std::vector<SurveyedBackend>> backends;
  ProviderPlan plan;
};

// For `version` as --kubernetes-version has it, or the newest known one. Started under the name of drop-in mode, the
// one provider keeps that name. Fails as parse_kubernetes_version and open_workshop do.
[[nodiscard]] Result<KubeletPlan> load_plan(const std::optional<std::string> &version, const Context &context);

}  // namespace regcred::core
