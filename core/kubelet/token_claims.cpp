// SPDX-License-Identifier: Apache-2.0
#include "kubelet/token_claims.hpp"

#include <regcred/jwt.hpp>

#include "common/kubernetes_names.hpp"

namespace regcred::core {
namespace {

struct ServiceAccount {
  std::string name;  // NAMESPACE/NAME
  std::string uid;
};

// {"namespace": "team-a", "serviceaccount": {"name": "default", ...}, ...}: the claim of bound tokens.
ServiceAccount from_kubernetes_claim(const nlohmann::json &claims) {
  const auto kubernetes = claims.find("kubernetes.io");
  if (kubernetes == claims.end() || !kubernetes->is_object()) return {};
  const auto account = kubernetes->find("serviceaccount");
  if (account == kubernetes->end() || !account->is_object()) return {};
  const std::string name_space = json_text(*kubernetes, "namespace");
  const std::string name = json_text(*account, "name");
  if (name_space.empty() || name.empty()) return {};
  return {name_space + '/' + name, json_text(*account, "uid")};
}

std::string from_subject(std::string_view subject) {
  constexpr std::string_view prefix = "system:serviceaccount:";
  if (!subject.starts_with(prefix)) return {};
  subject.remove_prefix(prefix.size());
  const std::size_t colon = subject.find(':');
  if (colon == std::string_view::npos || subject.find(':', colon + 1) != std::string_view::npos) return {};
  return std::string(subject.substr(0, colon)) + '/' + std::string(subject.substr(colon + 1));
}

// {"namespace": "team-a", "pod": {"name": "app-0", "uid": "..."}, ...} of the same claim.
PodName pod_of(const nlohmann::json &claims) {
  const auto kubernetes = claims.find("kubernetes.io");
  if (kubernetes == claims.end() || !kubernetes->is_object()) return {};
  const auto pod = kubernetes->find("pod");
  if (pod == kubernetes->end() || !pod->is_object()) return {};
  PodName found{json_text(*kubernetes, "namespace"), json_text(*pod, "name"), json_text(*pod, "uid")};
  const bool is_valid = is_dns_label(found.name_space) && is_dns_subdomain(found.name) && is_uid(found.uid);
  return is_valid ? found : PodName{};
}

}  // namespace

std::optional<TokenClaims> read_token_claims(std::string_view token) {
  std::optional<UnverifiedClaims> claims = read_unverified_claims(token);
  if (!claims) return std::nullopt;
  ServiceAccount account = from_kubernetes_claim(claims->all);
  if (account.name.empty()) account.name = from_subject(claims->subject);
  return TokenClaims{std::move(claims->audiences), std::move(account.name), std::move(account.uid),
                     std::move(claims->issuer),    claims->expires_at,      claims->not_before,
                     pod_of(claims->all)};
}

}  // namespace regcred::core
