#include "pod_token.hpp"

#include <algorithm>
#include <optional>
#include <regcred/text.hpp>
#include <utility>

namespace harbor {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::shown;
using regcred::UnverifiedClaims;

bool is_for(const std::string &audience, std::string_view registry, const Options &options) {
  if (options.audiences.empty()) return audience == registry || audience == "https://" + std::string(registry);
  return std::find(options.audiences.begin(), options.audiences.end(), audience) != options.audiences.end();
}

// Which audience to ask for.
std::string wanted(const Options &options, std::string_view registry, std::size_t width) {
  if (!options.audiences.empty()) return shown(options.audiences.front(), width) + " (settings.audiences)";
  return shown(registry, width) + " or " + shown("https://" + std::string(registry), width) +
         ", or list yours in settings.audiences";
}

tl::unexpected<regcred::Failure> not_for_this_harbor(const Options &options, std::string_view registry,
                                                     const UnverifiedClaims &claims) {
  constexpr std::size_t kept_bytes = 512;  // abi.h, regcred_sink_v1.fail
  std::string text;
  for (const std::size_t width : {100U, 60U, 40U}) {
    text =
        "the pod's token is not for this Harbor, so it is not handed out; set serviceAccountTokenAudience in the "
        "kubelet's CredentialProviderConfig to ";
    text += wanted(options, registry, width) + "; " + told(claims, width);
    if (text.size() <= kept_bytes) break;
  }
  return failure(Code::bad_request, std::move(text));
}

}  // namespace

Result<std::string> served_registry(const Options &options, std::string_view registry) {
  std::optional<std::string> host = regcred::host_and_port(registry);
  const auto &own = options.registry_hosts;
  if (host && (own.empty() || regcred::matches_any(own, *host))) return std::move(*host);
  return failure(Code::bad_config, "image host " + shown(registry) +
                                       " is not in settings.registryHosts, so the pod's token is not handed to it; add "
                                       "it there if it is your Harbor, else narrow matchImages");
}

Result<void> check_claims(const Options &options, std::string_view registry, const UnverifiedClaims &claims,
                          std::chrono::seconds unix_now) {
  if (claims.expires_at && *claims.expires_at <= unix_now.count()) {
    return failure(Code::bad_request, "the pod's token expired " +
                                          std::to_string(unix_now.count() - *claims.expires_at) +
                                          " s ago by this node's clock; check the time service (NTP); " + told(claims));
  }
  const auto fits = [&](const std::string &audience) { return is_for(audience, registry, options); };
  const std::vector<std::string> &audiences = claims.audiences;
  if (audiences.empty() || !std::all_of(audiences.begin(), audiences.end(), fits)) {
    return not_for_this_harbor(options, registry, claims);
  }
  return {};
}

std::string told(const UnverifiedClaims &claims, std::size_t width) {
  const auto named = [width](std::string_view name, std::string_view value) {
    return std::string(name) + " " + (value.empty() ? "none" : shown(value, width));
  };
  std::string audiences;
  for (const std::string &audience : claims.audiences) audiences += (audiences.empty() ? "" : ",") + audience;
  return "token's " + named("audience", audiences) + ", " + named("issuer", claims.issuer) + ", " +
         named("subject", claims.subject);
}

}  // namespace harbor
