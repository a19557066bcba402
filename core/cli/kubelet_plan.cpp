// SPDX-License-Identifier: Apache-2.0
#include "cli/kubelet_plan.hpp"

namespace regcred::core {

Result<KubeletPlan> load_plan(const std::optional<std::string> &version, const Context &context) {
  const Result<KubernetesVersion> known = version ? parse_kubernetes_version(*version) : newest_known_kubernetes;
  if (!known) return tl::make_unexpected(known.error());
  Result<Workshop> workshop = open_workshop(context);
  if (!workshop) return tl::make_unexpected(workshop.error());

  KubeletPlan result{*known, std::make_unique<Workshop>(std::move(*workshop)), nullptr, {}};
  result.backends = std::make_unique<const std::vector<SurveyedBackend>>(survey_used_backends(*result.workshop));
  result.plan = plan_providers(result.workshop->config, *result.backends, result.version, context.program_name);
  return result;
}

}  // namespace regcred::core
