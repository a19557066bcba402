#include "pod_token.hpp"

#include <algorithm>
#include <optional>
#include <regcred/text.hpp>

namespace harbor {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::shown;
using regcred::UnverifiedClaims;

// base64url and the dots between the parts: what the host takes as a password, and nothing that a header could choke
// on.
bool is_compact(std::string_view token) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  return token.find_first_not_of(alphabet) == token.npos;
}

bool is_for(const std::string &audience, std::string_view registry, const Options &options) {
  if (options.audiences.empty()) return audience == registry || audience == "https://" + std::string(registry);
  return std::find(options.audiences.begin(), options.audiences.end(), audience) != options.audiences.end();
}

// Which audience to ask for.
std::string wanted(std::string_view registry, const Options &options) {
  if (!options.audiences.empty()) return shown(options.audiences.front(), 60) + " (settings.audiences)";
  return shown(registry, 60) + " or https:// and it, or list yours in settings.audiences";
}

std::string listed(const std::vector<std::string> &audiences) {
  std::string text;
  for (const std::string &audience : audiences) {
    text += (text.empty() ? "" : ",") + audience;
    if (text.size() > 256) break;
  }
  return text;
}

std::string claim(std::string_view value, std::size_t bytes_max) {
  return value.empty() ? "none" : shown(value, bytes_max);
}

}  // namespace

Result<std::string> served_registry(const Options &options, std::string_view registry) {
  std::optional<std::string> host = regcred::host_and_port(registry);
  const auto &own = options.registry_hosts;
  if (host && (own.empty() || std::find(own.begin(), own.end(), *host) != own.end())) return std::move(*host);
  return failure(Code::bad_config, "image host " + shown(registry) +
                                       " is not in settings.registryHosts, so the pod's token is not handed to it; add "
                                       "it there if it is your Harbor, else narrow matchImages");
}

Result<UnverifiedClaims> password_claims(const Options &options, std::string_view registry, std::string_view token,
                                         std::chrono::seconds unix_now) {
  const auto unusable = [](std::string text) { return failure(Code::bad_request, std::move(text)); };
  if (token.empty()) {
    return unusable(
        "the kubelet sent no service account token; set tokenAttributes in its CredentialProviderConfig (Kubernetes "
        "1.33 or later), and serviceAccountToken: required in this entry");
  }
  std::optional<UnverifiedClaims> claims;
  if (is_compact(token)) claims = regcred::read_unverified_claims(token);
  if (!claims) {
    return unusable(
        "the service account token is no JWT (three base64url parts with dots); a kubelet sends one, so check who "
        "started this program");
  }
  if (claims->expires_at && *claims->expires_at <= unix_now.count()) {
    return unusable("the pod's token expired " + std::to_string(unix_now.count() - *claims->expires_at) +
                    " s ago by this node's clock; check the time service (NTP); " + told(*claims));
  }
  const auto fits = [&](const std::string &audience) { return is_for(audience, registry, options); };
  if (claims->audiences.empty() || !std::all_of(claims->audiences.begin(), claims->audiences.end(), fits)) {
    return unusable(
        "the pod's token is not for this Harbor, so it is not handed out; set serviceAccountTokenAudience in "
        "the kubelet's CredentialProviderConfig to " +
        wanted(registry, options) + "; " + told(*claims));
  }
  return std::move(*claims);
}

std::string told(const UnverifiedClaims &claims) {
  return "token's audience " + claim(listed(claims.audiences), 60) + ", issuer " + claim(claims.issuer, 60) +
         ", subject " + claim(claims.subject, 70);
}

}  // namespace harbor
