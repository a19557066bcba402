// SPDX-License-Identifier: Apache-2.0
// The Chainguard backend: POST https://{issuerHost}/sts/exchange assumes an identity with the pod's token; the token
// that comes back is the password at cgr.dev. START HERE: this file is the whole course of one request.
#include <array>
#include <memory>
#include <regcred/backend.hpp>
#include <regcred/exchange.hpp>
#include <regcred/registry.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "options.hpp"

namespace chainguard {
namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::Request;
using regcred::Result;
using regcred::shown;

constexpr std::string_view identity_annotation = "regcred/chainguard-identity";
constexpr std::array<std::string_view, 1> annotation_keys = {identity_annotation};

// Errors are google.rpc.Status under the usual HTTP status: INVALID_ARGUMENT, UNAUTHENTICATED, PERMISSION_DENIED,
// NOT_FOUND.
constexpr regcred::Refusal refusals[] = {
    {400, "", Code::denied, "the request is invalid; correct the identity: it must be a whole UIDP"},
    {401, "", Code::denied,
     "the token is not accepted; its audience must be https://issuer.enforce.dev, its issuer that of the identity, and "
     "the issuer's keys readable for Chainguard"},
    {403, "", Code::denied,
     "the token may not assume this identity; set the identity's issuer and subject to those of the token"},
    {404, "", Code::denied, "no such identity; correct settings.identity or the annotation"},
};

class Chainguard final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "chainguard",
      .version = REGCRED_BACKEND_VERSION,
      .settings_schema = settings_schema,
      .annotation_keys = annotation_keys,
  };

  static Result<std::unique_ptr<Chainguard>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    return std::make_unique<Chainguard>(host, std::move(*options));
  }

  Chainguard(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<void> serves_registry(std::string_view registry) const override {
    static const std::vector<regcred::HostPattern> own = {*regcred::HostPattern::parse("cgr.dev"),
                                                          *regcred::HostPattern::parse("*.cgr.dev")};
    return regcred::require_served(registry, own, "neither cgr.dev nor below it",
                                   "narrow matchImages, or set credentialHost: cgr.dev when it is a mirror");
  }

  // Documented for Chainguard's own issuer.
  regcred::ExpectedAudiences expected_audiences(std::string_view) const override {
    if (options_.issuer_host != "issuer.enforce.dev") return {};
    return {{"https://issuer.enforce.dev"}};
  }

  Result<Credentials> get_credentials(const Request &request) override {
    const Result<void> served = serves_registry(request.registry());
    if (!served) return tl::make_unexpected(served.error());
    const Result<std::string> identity = regcred::choose(
        request, {identity_annotation, options_.identity, "settings.identity", "settings.allowedIdentities"},
        options_.allowed_identities);
    if (!identity) return tl::make_unexpected(identity.error());
    const Result<regcred::PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());

    regcred::HttpRequest post = regcred::post_form("https://" + options_.issuer_host + "/sts/exchange",
                                                   {{"aud", "cgr.dev"}, {"identity", *identity}});
    regcred::add_bearer(post, *token);
    post.headers.insert(post.headers.end(), options_.headers.begin(), options_.headers.end());
    regcred::Exchange exchange(host_, *token,
                               {.name = "Chainguard",
                                .asked = "identity " + shown(*identity, 100),
                                .host_setting = "settings.issuerHost",
                                .refusals = refusals});
    const Result<nlohmann::json> answer = exchange.send(std::move(post));
    if (!answer) return tl::make_unexpected(answer.error());
    // The answer's refresh token is never looked at.
    return exchange.credentials(*answer, {.password = "token",
                                          .fixed_username = options_.username,
                                          .expires_in = "",
                                          .expires_at = "expiry",
                                          .scope = regcred::Scope::registry});
  }

 private:
  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace chainguard

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<chainguard::Chainguard>(); }
