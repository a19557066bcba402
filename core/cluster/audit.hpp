// SPDX-License-Identifier: Apache-2.0
// Who gives the credentials for each image that runs in a cluster: the rules of `regcred audit`.
//
// Sources: pkg/kubelet/images/image_manager.go (imagePullSecrets are tried before all providers),
// pkg/credentialprovider/plugin/plugin.go (which provider is called, with what) of Kubernetes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cluster/provider_config.hpp"
#include "cluster/provider_plan.hpp"
#include "cluster/workloads.hpp"
#include "common/registry_config.hpp"
#include "dispatch/survey.hpp"

namespace regcred::core {

// From what needs attention to what does not.
enum class AuditResult {
  unserved,  // nobody gives credentials: the image is pulled without
  secret,    // only an imagePullSecret may give them: it is still needed
  shadowed,  // regcred answers, but an imagePullSecret is tried before its answer
  served,    // regcred answers
  other,     // another program is called, with an imagePullSecret or without
  open,      // as unserved, but the operator named the image as one that needs no credentials
};
inline constexpr AuditResult audit_results[] = {AuditResult::unserved, AuditResult::secret, AuditResult::shadowed,
                                                AuditResult::served,   AuditResult::other,  AuditResult::open};

// One image in pods of one kind. Points into what the audit was made from.
struct AuditRow {
  AuditResult result = AuditResult::unserved;
  std::string image;  // in the kubelet's form
  const PodIdentity *who = nullptr;
  const ImageUse *use = nullptr;
  bool calls_regcred = false;
  std::string provider;                            // called for it: regcred's, or the first other one; or empty
  const RegistryEntry *entry = nullptr;            // that answers first; null when none does
  bool token = false;                              // the call of `provider` has the pod's token
  std::map<std::string, std::string> annotations;  // that the call has
  bool secrets_of_account = false;                 // the pod's imagePullSecrets are those of its service account
  std::string reason;                              // why regcred does not answer; empty when it does
};

// The data for the audit.
struct AuditRules {
  const Config &config;
  const std::vector<SurveyedBackend> &backends;
  const std::vector<KubeletProvider> &providers;  // in the kubelet's order
  const std::vector<std::string> &open;           // patterns of images that need no credentials
  bool drop_in = false;  // `config` is that of drop-in mode: providers with its name read no other configuration
};

// A row for each image and PodIdentity: by result, then image, namespace, account.
[[nodiscard]] std::vector<AuditRow> audit_workloads(const Workloads &workloads, const AuditRules &rules);

// The providers of `plan` as the kubelet would have them.
[[nodiscard]] std::vector<KubeletProvider> planned_kubelet_providers(const ProviderPlan &plan);

// The annotations of service accounts that some provider asks for.
[[nodiscard]] std::set<std::string> annotation_keys_of(const std::vector<KubeletProvider> &providers);

}  // namespace regcred::core
