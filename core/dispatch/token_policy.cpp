// SPDX-License-Identifier: Apache-2.0
#include "dispatch/token_policy.hpp"

#include "common/contains.hpp"
#include "common/kubernetes_names.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

std::string audiences_of(const TokenClaims &claims) {
  if (claims.audiences.empty()) return "none";
  std::string text;
  for (const std::string &audience : claims.audiences) {
    if (!text.empty()) text += ", ";
    text += '"' + printable(audience, 250) + '"';
    if (text.size() > 300) return text + ", ...";
  }
  return text;
}

std::string label(const RegistryEntry &entry) { return "registry \"" + entry.name + "\""; }

Status check_audience(const RegistryEntry &entry, const std::optional<TokenClaims> &claims) {
  const std::string cure = "set tokenAttributes.serviceAccountTokenAudience to \"" + entry.audience +
                           "\" in the kubelet's CredentialProviderConfig, or correct `audience` at " + entry.origin;
  if (!claims) {
    return fail(ErrorCode::config, label(entry), "the service account token is not a readable JWT",
                "look at what the file or the kubelet sends: a token has three parts with dots");
  }
  if (contains(claims->audiences, entry.audience)) {
    return {};
  }
  return fail(
      ErrorCode::config, label(entry),
      "the service account token is for audience " + audiences_of(*claims) + ", not for \"" + entry.audience + "\"",
      cure);
}

// With tokenAttributes and another apiVersion than v1 the kubelet does not start.
tl::unexpected<Error> no_token(const RegistryEntry &entry, const Request &request) {
  const std::string_view wanted = credential_provider_v1;
  const std::string first =
      request.api_version == wanted ? "add" : "set apiVersion: " + std::string(wanted) + ", and then add";
  return fail(ErrorCode::config, label(entry),
              "the kubelet sent no service account token, and backend " + entry.backend + " needs one",
              first +
                  " tokenAttributes (serviceAccountTokenAudience, cacheType, requireServiceAccount) to this "
                  "provider in the kubelet's CredentialProviderConfig; static pods have no service account");
}

}  // namespace

Status check_token(const RegistryEntry &entry, const Request &request) {
  if (entry.service_account_token == TokenUse::never) return {};
  if (request.service_account_token.empty()) {
    if (entry.service_account_token == TokenUse::required) return no_token(entry, request);
    return {};
  }
  return entry.audience.empty() ? Status{} : check_audience(entry, request.token_claims);
}

Result<std::string_view> token_for_backend(const RegistryEntry &entry, TokenUse declared, const Request &request) {
  const std::string_view token = request.service_account_token.reveal();
  const TokenUse use = token_use_of(entry, declared);
  if (use == TokenUse::never) return std::string_view{};
  if (token.empty() && use == TokenUse::required) return no_token(entry, request);
  return token;
}

}  // namespace regcred::core
