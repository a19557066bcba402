#include "pass_through.hpp"

#include <algorithm>
#include <chrono>
#include <regcred/text.hpp>
#include <string>
#include <string_view>

namespace oidc {
namespace {

using regcred::Code;

bool is_for_registry(const Options &options, std::string_view registry, std::string_view audience) {
  if (options.audiences.empty()) return audience == registry || audience == "https://" + std::string(registry);
  return std::find(options.audiences.begin(), options.audiences.end(), audience) != options.audiences.end();
}

}  // namespace

regcred::Result<regcred::Credentials> pass_through(const Options &options, const regcred::Request &request,
                                                   const regcred::PodToken &token, const regcred::Host &host) {
  const std::string registry = regcred::host_and_port(request.registry()).value_or("");
  const regcred::Exchange facts(host, token, {.name = registry, .asked = "mode passThrough"});
  const std::vector<std::string> &audiences = token.claims.audiences;
  const bool own = std::all_of(audiences.begin(), audiences.end(), [&](const std::string &audience) {
    return is_for_registry(options, registry, audience);
  });
  if (audiences.empty() || !own) {
    return tl::make_unexpected(facts.failed(
        Code::bad_request, "the token is not for " + regcred::shown(registry) +
                               " alone, so it is not given away; set serviceAccountTokenAudience in the kubelet's "
                               "CredentialProviderConfig to that host, or list the audience in settings.audiences"));
  }
  const std::int64_t now = host.clock().unix_now().count();
  if (token.claims.expires_at && *token.claims.expires_at <= now) {
    return tl::make_unexpected(
        facts.failed(Code::bad_request, "the pod's token expired " + std::to_string(now - *token.claims.expires_at) +
                                            " s ago by this node's clock; check the time service (NTP)"));
  }
  // A refusal by the registry reaches the container runtime only; this line is what can be compared with it.
  host.log().debug("the pod's token is the password at " + registry + "; " + facts.facts());

  regcred::Credentials credentials;
  credentials.username = options.answer.fixed_username;
  credentials.password = regcred::Secret(token.text);
  credentials.scope = regcred::Scope::registry;
  credentials.lifetime = std::chrono::seconds(0);
  return credentials;
}

}  // namespace oidc
