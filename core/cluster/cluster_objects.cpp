// SPDX-License-Identifier: Apache-2.0
#include "cluster/cluster_objects.hpp"

#include <algorithm>

#include "cluster/yaml_text.hpp"
#include "common/contains.hpp"
#include "common/join.hpp"
#include "common/kubernetes_names.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view role_name = "regcred-audiences";

std::vector<std::string> audiences_of(const ProviderPlan &plan) {
  std::vector<std::string> audiences;
  for (const PlannedProvider &provider : plan.providers) {
    if (!provider.token) continue;
    const std::string &audience = provider.token->audience;
    if (!contains(audiences, audience)) audiences.push_back(audience);
  }
  return audiences;
}

// The annotations that are sent to any of the providers.
std::vector<std::string> keys_of(const ProviderPlan &plan) {
  std::vector<std::string> keys;
  for (const PlannedProvider &provider : plan.providers) {
    if (!provider.token) continue;
    for (const std::string &key : provider.token->annotation_keys) {
      if (!contains(keys, key)) keys.push_back(key);
    }
  }
  return keys;
}

// `kind` ClusterRole or Role.
std::string metadata(std::string_view kind, const std::optional<std::string> &name_space) {
  std::string text = "apiVersion: rbac.authorization.k8s.io/v1\nkind: " + std::string(kind) + "\nmetadata:\n  name: ";
  text += std::string(role_name) + '\n';
  if (name_space) text += "  namespace: " + yaml_quoted(*name_space) + '\n';
  return text;
}

Status check_namespace(const std::string &name_space) {
  if (is_dns_label(name_space)) return {};
  return fail(ErrorCode::usage, "--namespace " + in_quotes(name_space), "is not a name of a namespace",
              "lower-case letters, digits and inner '-', at most 63");
}

Status check_annotations(const std::vector<std::string> &keys, const ServiceAccountOptions &options) {
  const std::vector<std::string_view> known(keys.begin(), keys.end());
  for (const auto &annotation : options.annotations) {
    const std::string &key = annotation.first;
    const std::string where = "--annotation " + in_quotes(key);
    const auto same = [&](const auto &item) { return item.first == key; };
    if (std::count_if(options.annotations.begin(), options.annotations.end(), same) > 1) {
      return fail(ErrorCode::usage, where, "is given twice", "remove one of the two");
    }
    if (contains(known, key)) continue;
    const std::string_view near = nearest(key, known);
    return fail(ErrorCode::usage, where, "is read by no registry entry",
                !near.empty()   ? "did you mean " + std::string(near) + "?"
                : known.empty() ? "no entry reads any annotation"
                                : "entries read " + either(known));
  }
  return {};
}

}  // namespace

Result<std::string> write_rbac(const ProviderPlan &plan, const std::string &origin,
                               const std::optional<std::string> &name_space) {
  if (name_space) {
    if (Status valid = check_namespace(*name_space); !valid) return tl::make_unexpected(valid.error());
  }
  const std::vector<std::string> audiences = audiences_of(plan);
  if (audiences.empty()) {
    return fail(ErrorCode::config, origin, "no entry has an `audience`, so no token is asked for and no rule is needed",
                "set `audience` in entries that need a service account token");
  }
  if (contains(audiences, "*")) {
    return fail(ErrorCode::config, origin, "the audience \"*\" would let the nodes ask for any audience",
                "give the entry an `audience` of its own");
  }
  const std::string kind = name_space ? "Role" : "ClusterRole";
  std::string text = yaml_comment("Lets kubelets ask for service account tokens of the audiences in " + origin +
                                  ", and of no other" + (name_space ? ", in one namespace" : "") +
                                  ". Made by `regcred generate rbac`; apply with kubectl apply -f FILE.");
  text += '\n' + metadata(kind, name_space) + "rules:\n  - apiGroups: [\"\"]\n    resources:\n";
  for (const std::string &audience : audiences) text += "      - " + yaml_quoted(audience) + '\n';
  text += yaml_comment("To let only some service accounts have such tokens, add: resourceNames: [\"NAME\"]", 4);
  text += "\n    verbs: [\"request-serviceaccounts-token-audience\"]\n";
  text += yaml_comment(
      "Kubelets read the service accounts of their own pods, which the Node authorizer allows by itself. "
      "Without it, or with a kube-apiserver before 1.34 whose gate "
      "KubeletServiceAccountTokenForCredentialProviders is off, add:",
      2);
  text += "\n  # - apiGroups: [\"\"]\n  #   resources: [\"serviceaccounts\"]\n  #   verbs: [\"get\"]\n";
  text +=
      "---\n" + metadata(kind + "Binding", name_space) + "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ";
  text += kind + "\n  name: " + std::string(role_name) + "\nsubjects:\n";
  return text + "  - apiGroup: rbac.authorization.k8s.io\n    kind: Group\n    name: \"system:nodes\"\n";
}

Result<std::string> write_service_account(const ProviderPlan &plan, const ServiceAccountOptions &options) {
  if (Status valid = check_namespace(options.name_space); !valid) return tl::make_unexpected(valid.error());
  if (!is_dns_subdomain(options.name)) {
    return fail(ErrorCode::usage, "service account " + in_quotes(options.name), "is not a name that Kubernetes accepts",
                "lower-case letters, digits, inner '-' and '.', at most 253");
  }
  const std::vector<std::string> keys = keys_of(plan);
  if (Status known = check_annotations(keys, options); !known) return tl::make_unexpected(known.error());
  std::string text = yaml_comment("For pods with serviceAccountName: " + options.name +
                                  ". Made by `regcred generate service-account`; apply with kubectl apply -f FILE.");
  text += "\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: " + yaml_quoted(options.name) +
          "\n  namespace: " + yaml_quoted(options.name_space) + '\n';
  std::string set;
  std::string unset;
  for (const std::string &key : keys) {
    const auto given = std::find_if(options.annotations.begin(), options.annotations.end(),
                                    [&](const auto &annotation) { return annotation.first == key; });
    if (given == options.annotations.end()) {
      unset += "  #   " + yaml_quoted(key) + ": \"\"\n";
    } else {
      set += "    " + yaml_quoted(key) + ": " + yaml_quoted(given->second) + '\n';
    }
  }
  if (!unset.empty()) text += "  # Not set, so regcred's configuration counts:\n" + unset;
  return set.empty() ? text : text + "  annotations:\n" + set;
}

}  // namespace regcred::core
