#include "cli/kubelet_plan.hpp"

#include "config/drop_in_keys.hpp"

namespace regcred::core {

Result<KubeletPlan> load_plan(const Command &command, const Context &context) {
  KubeletPlan result{newest_known_kubernetes, nullptr, {}};
  if (command.kubelet.version) {
    const Result<KubernetesVersion> version = parse_kubernetes_version(*command.kubelet.version);
    if (!version) return tl::make_unexpected(version.error());
    result.version = *version;
  }
  Result<SurveyedConfig> surveyed = load_surveyed_config(command, context);
  if (!surveyed) return tl::make_unexpected(surveyed.error());
  result.surveyed = std::make_unique<const SurveyedConfig>(std::move(*surveyed));
  result.plan = plan_providers(result.surveyed->config, result.surveyed->backends, result.version);
  if (context.program_name == drop_in_program_name && !result.plan.providers.empty()) {
    result.plan.providers.front().name = drop_in_program_name;
  }
  return result;
}

}  // namespace regcred::core
