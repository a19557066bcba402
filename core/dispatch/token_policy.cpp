#include "dispatch/token_policy.hpp"

#include <regcred/jwt.hpp>

#include "common/text.hpp"

namespace regcred::core {
namespace {

std::string audiences_of(const UnverifiedClaims &claims) {
  if (claims.audiences.empty()) return "none";
  std::string text;
  for (const std::string &audience : claims.audiences) {
    if (!text.empty()) text += ", ";
    text += '"' + printable(audience, 100) + '"';
    if (text.size() > 300) return text + ", ...";
  }
  return text;
}

Status check_audience(const RegistryEntry &entry, std::string_view token) {
  const std::string where = "registry \"" + entry.name + "\"";
  const std::string cure = "set tokenAttributes.serviceAccountTokenAudience to \"" + entry.audience +
                           "\" in the kubelet's CredentialProviderConfig, or correct `audience` at " + entry.origin;
  const std::optional<UnverifiedClaims> claims = read_unverified_claims(token);
  if (!claims) return fail(ErrorCode::config, where, "the service account token is not a readable JWT", cure);
  if (!claims->has_audience(entry.audience)) {
    return fail(
        ErrorCode::config, where,
        "the service account token is for audience " + audiences_of(*claims) + ", not for \"" + entry.audience + "\"",
        cure);
  }
  return {};
}

}  // namespace

Result<std::string_view> token_for_backend(const RegistryEntry &entry, TokenUse declared, std::string_view token) {
  const TokenUse use = entry.service_account_token.value_or(declared);
  if (use == TokenUse::never) return std::string_view{};
  if (token.empty()) {
    if (use == TokenUse::optional) return std::string_view{};
    return fail(ErrorCode::config, "registry \"" + entry.name + "\"",
                "the kubelet sent no service account token, and backend " + entry.backend + " needs one",
                "add tokenAttributes (serviceAccountTokenAudience, cacheType, requireServiceAccount) to this provider "
                "in the kubelet's CredentialProviderConfig; static pods have no service account");
  }
  if (!entry.audience.empty()) {
    if (Status fits = check_audience(entry, token); !fits) return tl::make_unexpected(fits.error());
  }
  return token;
}

}  // namespace regcred::core
