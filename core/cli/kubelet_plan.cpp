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
  Workshop &shop = *result.workshop;
  std::vector<const RegistryEntry *> asked;
  for (const RegistryEntry &entry : shop.config.registries) {
    const SurveyedBackend *const backend = entry.audience.empty() ? find_backend(*result.backends, entry) : nullptr;
    const bool uses_token = backend != nullptr && token_use_of(entry, *backend) != TokenUse::never;
    asked.push_back(uses_token ? &entry : nullptr);
  }
  result.plan =
      plan_providers(shop.config, *result.backends, result.version, context.program_name,
                     expected_audiences(asked, shop.loader, shop.credentials_directory, shop.clock, shop.log));
  return result;
}

}  // namespace regcred::core
