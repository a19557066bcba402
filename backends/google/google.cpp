// SPDX-License-Identifier: Apache-2.0
// The Google backend: workload identity federation turns the pod's token into an access token, the password at Artifact
// Registry and gcr.io; where a service account is to be impersonated, that token is exchanged once more. START HERE:
// this file is the whole course of one request.
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
#include "parties.hpp"

namespace google {
namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::Identity;
using regcred::Request;
using regcred::Result;
using regcred::shown;

constexpr std::string_view account_annotation = "iam.gke.io/gcp-service-account";
constexpr std::array<std::string_view, 1> annotation_keys = {account_annotation};

const std::vector<regcred::HostPattern> &own_registries() {
  static const std::vector<regcred::HostPattern> own = {
      *regcred::HostPattern::parse("gcr.io"), *regcred::HostPattern::parse("*.gcr.io"),
      *regcred::HostPattern::parse("*.pkg.dev"), *regcred::HostPattern::parse("container.cloud.google.com")};
  return own;
}

// Documented for access tokens; lifetime and password as each service names them.
regcred::AnswerFields access_token(std::string password, std::string expires_in, std::string expires_at = {}) {
  return {.password = std::move(password),
          .fixed_username = "oauth2accesstoken",
          .expires_in = std::move(expires_in),
          .expires_at = std::move(expires_at),
          .scope = regcred::Scope::registry};
}

class Google final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "google",
      .version = REGCRED_BACKEND_VERSION,
      .token = regcred::TokenNeed::optional,  // identity: node needs none
      .settings_schema = settings_schema,
      .annotation_keys = annotation_keys,
  };

  static Result<std::unique_ptr<Google>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    return std::make_unique<Google>(host, std::move(*options));
  }

  Google(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<void> serves_registry(std::string_view registry) const override {
    if (regcred::matches_any(own_registries(), registry)) return {};
    return regcred::require_served(registry, options_.registries, "neither Google's nor in settings.registryHosts");
  }

  regcred::ExpectedAudiences expected_audiences(std::string_view) const override {
    return token_audiences(options_.audience);
  }

  Result<Credentials> get_credentials(const Request &request) override {
    const Result<void> served = serves_registry(request.registry());
    if (!served) return tl::make_unexpected(served.error());
    const Result<std::string> account = account_to_impersonate(request);
    if (!account) return tl::make_unexpected(account.error());
    if (options_.identity == Identity::node) {
      Result<Credentials> node = of_the_node();
      return node && !account->empty() ? impersonated(*account, {}, *node) : std::move(node);
    }
    const Result<regcred::PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());
    Result<Credentials> federated = of_the_pool(*token);
    return federated && !account->empty() ? impersonated(*account, token->claims.subject, *federated)
                                          : std::move(federated);
  }

 private:
  // Empty: none.
  Result<std::string> account_to_impersonate(const Request &request) const {
    if (!options_.service_account && request.annotation(account_annotation).value_or("").empty()) return std::string();
    return regcred::choose(
        request,
        {account_annotation, options_.service_account, "settings.serviceAccount", "settings.allowedServiceAccounts"},
        options_.allowed_service_accounts);
  }

  Result<Credentials> of_the_pool(const regcred::PodToken &token) const {
    regcred::Exchange exchange(host_, token,
                               {.name = "Google's STS",
                                .asked = audience_words(options_.audience),
                                .host_setting = "settings.stsEndpoint",
                                .refusals = sts_refusals(),
                                .may_know_cluster_issuer = true});
    const Result<nlohmann::json> answer = exchange.send(sts_request(options_.sts_endpoint, options_.audience, token));
    if (!answer) return tl::make_unexpected(answer.error());
    return exchange.credentials(*answer, access_token("access_token", "expires_in"));
  }

  Result<Credentials> of_the_node() const {
    regcred::Exchange exchange(host_, {.name = "The metadata server",
                                       .asked = "the node's service account",
                                       .host_setting = "settings.identity",
                                       .refusals = metadata_refusals(),
                                       .read_body = &read_metadata});
    const Result<nlohmann::json> answer = exchange.send(node_token_request());
    if (!answer) return tl::make_unexpected(answer.error());
    if ((*answer)[flavor] != "Google") {
      return tl::make_unexpected(exchange.failed(
          Code::bad_upstream,
          "what answers at the metadata server's address is not Google's (no header Metadata-Flavor: Google); "
          "identity: node is for nodes of Google Cloud"));
    }
    return exchange.credentials(*answer, access_token("access_token", "expires_in"));
  }

  // `subject` is the pod's, which the pool's principal is named after. The token that is shown is not the pod's, so its
  // claims could not explain a refusal. `account` is one that the operator wrote: shown() would mask what is before @.
  Result<Credentials> impersonated(const std::string &account, std::string_view subject, const Credentials &by) const {
    const std::string who = subject.empty() ? "by the node's account" : "by the pod's subject " + shown(subject, 100);
    regcred::Exchange exchange(host_, {.name = "Google's IAM",
                                       .asked = "service account \"" + account.substr(0, 100) + "\" " + who,
                                       .host_setting = "settings.iamEndpoint",
                                       .refusals = impersonation_refusals()});
    const Result<nlohmann::json> answer =
        exchange.send(impersonation_request(options_.iam_endpoint, account, by.password.reveal()));
    if (!answer) return tl::make_unexpected(answer.error());
    return exchange.credentials(*answer, access_token("accessToken", "", "expireTime"));
  }

  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace google

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<google::Google>(); }
