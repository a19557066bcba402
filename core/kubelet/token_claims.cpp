// SPDX-License-Identifier: Apache-2.0
#include "kubelet/token_claims.hpp"

#include <regcred/jwt.hpp>

namespace regcred::core {
namespace {

// {"namespace": "team-a", "serviceaccount": {"name": "default", ...}, ...}: the claim of bound tokens.
std::string from_kubernetes_claim(const nlohmann::json &claims) {
  const auto kubernetes = claims.find("kubernetes.io");
  if (kubernetes == claims.end() || !kubernetes->is_object()) return {};
  const auto account = kubernetes->find("serviceaccount");
  if (account == kubernetes->end() || !account->is_object()) return {};
  const std::string name_space = json_text(*kubernetes, "namespace");
  const std::string name = json_text(*account, "name");
  return name_space.empty() || name.empty() ? std::string{} : name_space + '/' + name;
}

std::string from_subject(std::string_view subject) {
  constexpr std::string_view prefix = "system:serviceaccount:";
  if (!subject.starts_with(prefix)) return {};
  subject.remove_prefix(prefix.size());
  const std::size_t colon = subject.find(':');
  if (colon == std::string_view::npos || subject.find(':', colon + 1) != std::string_view::npos) return {};
  return std::string(subject.substr(0, colon)) + '/' + std::string(subject.substr(colon + 1));
}

}  // namespace

std::optional<TokenClaims> read_token_claims(std::string_view token) {
  std::optional<UnverifiedClaims> claims = read_unverified_claims(token);
  if (!claims) return std::nullopt;
  std::string account = from_kubernetes_claim(claims->all);
  if (account.empty()) account = from_subject(claims->subject);
  return TokenClaims{std::move(claims->audiences), std::move(account)};
}

}  // namespace regcred::core
