// SPDX-License-Identifier: Apache-2.0
// The ECR backend: the pod's token assumes an IAM role at STS, whose temporary keys sign a request for a password at
// ECR. START HERE: this file is the whole course of one request.
#include <memory>
#include <regcred/aws.hpp>
#include <regcred/backend.hpp>
#include <regcred/base64.hpp>
#include <regcred/exchange.hpp>
#include <regcred/placeholders.hpp>
#include <regcred/registry.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "options.hpp"
#include "registry.hpp"

namespace ecr {
namespace {

namespace aws = regcred::aws;
using nlohmann::json;
using regcred::Code;
using regcred::Credentials;
using regcred::Exchange;
using regcred::failure;
using regcred::PodToken;
using regcred::Request;
using regcred::Result;
using regcred::shown;

bool gives_nobody_a_role(const Options &options) {
  return options.identity == regcred::Identity::token && !options.pod_identity && !options.role_arn &&
         options.allowed_roles.empty();
}

// With the names of this backend's settings, and of ECR's permissions.
constexpr auto refusals = aws::refusals_after({
    aws::by_code(aws::signature_codes, Code::denied,
                 "the signature is not accepted; check this node's clock (NTP), what changes requests on their "
                 "way, and that settings.ecrEndpoint is of the image's region"),
    aws::by_code("AccessDeniedException", Code::denied,
                 "the identity may not log in; allow it ecr:GetAuthorizationToken on *, for public.ecr.aws "
                 "ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken"),
    aws::by_code("ValidationError", Code::bad_config,
                 "the role's ARN is not accepted; correct settings.roleArn or the annotation"),
});

class Ecr final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "ecr",
      .version = REGCRED_BACKEND_VERSION,
      .token = regcred::TokenNeed::optional,
      .settings_schema = settings_schema,
      .annotation_keys = annotation_keys,
  };

  static Result<std::unique_ptr<Ecr>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    if (gives_nobody_a_role(*options)) {
      host.log().info("neither roleArn nor allowedRoles is set, so no pod gets a credential; set one");
    }
    return std::make_unique<Ecr>(host, std::move(*options));
  }

  Ecr(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<void> serves_registry(std::string_view registry) const override {
    if (registry_of(regcred::https_host(registry).value_or(""))) return {};
    return failure(Code::bad_config,
                   "image host " + shown(registry, 100) +
                       " is not one of ECR's, or its region is not of its domain, so no token is sent for it; narrow "
                       "matchImages, or set credentialHost to the ECR host when it is a mirror");
  }

  // By the AWS SDKs' default client id, and what the agent asks EKS Auth for; the node has no token of a pod.
  regcred::ExpectedAudiences expected_audiences(std::string_view) const override {
    if (options_.identity == regcred::Identity::node) return {};
    if (options_.pod_identity) return {{"pods.eks.amazonaws.com"}};
    return {{"sts.amazonaws.com"}, "the client IDs (audiences) of the IAM OIDC identity provider"};
  }

  Result<Credentials> get_credentials(const Request &request) override {
    const Result<void> served = serves_registry(request.registry());
    if (!served) return tl::make_unexpected(served.error());
    const Registry registry = *registry_of(*regcred::https_host(request.registry()));
    // guard: ecr-node-identity
    if (options_.identity == regcred::Identity::node) return log_in(registry, std::nullopt, aws::keys_of_node(host_));

    const std::string_view chosen_by = regcred::first_annotation(request, options_.role_annotations);
    if (!options_.pod_identity && !options_.role_arn && chosen_by.empty()) {
      return failure(Code::no_credentials, "neither settings.roleArn nor an annotation names a role");
    }
    const Result<PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());
    if (options_.pod_identity) return log_in(registry, *token, aws::keys_of_association(host_, *token));
    return log_in_by_role(request, registry, *token, chosen_by);
  }

 private:
  Result<Credentials> log_in_by_role(const Request &request, const Registry &registry, const PodToken &token,
                                     std::string_view chosen_by) {
    const Result<regcred::ServiceAccountName> account = regcred::service_account_name(token.claims);
    std::optional<std::string> setting = options_.role_arn;
    if (setting && setting->find('{') != std::string::npos) {
      if (!account) {
        return failure(Code::bad_request,
                       "settings.roleArn holds {namespace} or {serviceAccount}, and " + account.error().text);
      }
      setting = regcred::with_placeholders(*setting, *account);
    }
    const Result<std::string> role =
        regcred::choose(request, {chosen_by, setting, "settings.roleArn", "settings.allowedRoles"},
                        [this](std::string_view asked) { return aws::role_fits(options_.allowed_roles, asked); });
    if (!role) return tl::make_unexpected(role.error());
    const std::string partition(registry.region.partition);
    if (aws::partition_of_role(*role) != partition) {  // guard: ecr-partition-of-role
      const bool by_setting = chosen_by.empty();
      return failure(by_setting ? Code::bad_config : Code::bad_request,
                     (by_setting ? "settings.roleArn" : "annotation " + std::string(chosen_by)) + ": " +
                         shown(*role, 120) + " is not the ARN of a role in partition " + partition +
                         ", where this image's registry is, so nothing was sent; name a role of that partition (arn:" +
                         partition + ":iam::...), or split the entry by partition");
    }
    const std::string sts_url = options_.sts_url.value_or("https://" + aws::service_host(registry.region, "sts"));
    return log_in(registry, token, aws::keys_of_role(host_, token, {sts_url, *role, "settings.stsEndpoint", refusals}));
  }

  // GetAuthorizationToken.
  Result<Credentials> log_in(const Registry &registry, const std::optional<PodToken> &token,
                             const Result<aws::Keys> &keys) {
    if (!keys) return tl::make_unexpected(keys.error());
    const bool is_public = registry.is_public;
    const std::string target = is_public ? "SpencerFrontendService" : "AmazonEC2ContainerRegistry_V20150921";
    const Exchange::Party party{.name = is_public ? "ECR Public" : "ECR",
                                .asked = "region " + shown(registry.region.name),
                                .host_setting = "settings.ecrEndpoint",
                                .refusals = refusals};
    const std::string url = options_.ecr_url.value_or("https://" + ecr_host(registry)) + "/";
    regcred::HttpRequest post = aws::json_request(url, target + ".GetAuthorizationToken");
    post.party = party.name + ", GetAuthorizationToken";
    const Result<aws::SignedAnswer> answer =
        aws::send_signed(host_, token, party, post, *keys, {registry.region.name, is_public ? "ecr-public" : "ecr"});
    if (!answer) return tl::make_unexpected(answer.error());
    return password_in(*answer, is_public);
  }

  static Result<Credentials> password_in(const aws::SignedAnswer &answer, bool is_public) {
    const Exchange &exchange = answer.exchange;
    const std::string place = is_public ? "authorizationData." : "authorizationData.0.";
    const Result<regcred::Secret> encoded = exchange.secret_in(answer.object, place + "authorizationToken");
    if (!encoded) return tl::make_unexpected(encoded.error());
    std::string login = regcred::base64_decode(encoded->reveal()).value_or("");
    const std::size_t colon = login.find(':');
    if (colon == std::string::npos) {
      return tl::make_unexpected(
          exchange.failed(Code::bad_upstream, "ECR's authorizationToken is not base64 of USER:PASSWORD"));
    }
    json found = {{"username", login.substr(0, colon)}, {"authorizationToken", login.substr(colon + 1)}};
    regcred::wipe(login);
    if (const json *end = regcred::json_at(answer.object, place + "expiresAt")) found["expiresAt"] = *end;
    return exchange.credentials(found, {.password = "authorizationToken",
                                        .username = "username",
                                        .expires_in = "",
                                        .expires_at = "expiresAt",
                                        .scope = regcred::Scope::registry,
                                        .now = answer.server_time});
  }

  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace ecr

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<ecr::Ecr>(); }
