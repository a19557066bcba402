// SPDX-License-Identifier: Apache-2.0
// The ECR backend: the pod's token assumes an IAM role at STS, whose temporary keys sign a request for a password at
// ECR. START HERE: this file is the whole course of one request.
#include <algorithm>
#include <memory>
#include <regcred/backend.hpp>
#include <regcred/base64.hpp>
#include <regcred/exchange.hpp>
#include <regcred/registry.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "answers.hpp"
#include "keys.hpp"
#include "options.hpp"
#include "registry.hpp"
#include "sigv4.hpp"

namespace ecr {
namespace {

using nlohmann::json;
using regcred::Code;
using regcred::Credentials;
using regcred::Exchange;
using regcred::failure;
using regcred::PodToken;
using regcred::Request;
using regcred::Result;
using regcred::shown;
using std::chrono::seconds;

bool gives_nobody_a_role(const Options &options) {
  return options.identity == regcred::Identity::token && !options.pod_identity && !options.role_arn &&
         options.allowed_roles.empty();
}

constexpr seconds skew_min{60};  // less is not the cause of a refusal

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
    if (options_.identity == regcred::Identity::node) return log_in(registry, std::nullopt, keys_of_node(host_));

    const std::string_view chosen_by = regcred::first_annotation(request, options_.role_annotations);
    if (!options_.pod_identity && !options_.role_arn && chosen_by.empty()) {
      return failure(Code::no_credentials, "neither settings.roleArn nor an annotation names a role");
    }
    const Result<PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());
    if (options_.pod_identity) return log_in(registry, *token, keys_of_association(host_, *token));
    return log_in_by_role(request, registry, *token, chosen_by);
  }

 private:
  Result<Credentials> log_in_by_role(const Request &request, const Registry &registry, const PodToken &token,
                                     std::string_view chosen_by) {
    constexpr std::size_t session_bytes_max = 64;
    const Result<regcred::ServiceAccountName> account = regcred::service_account_name(token.claims);
    std::optional<std::string> setting = options_.role_arn;
    if (setting && setting->find('{') != std::string::npos) {
      if (!account) {
        return failure(Code::bad_request,
                       "settings.roleArn holds {namespace} or {serviceAccount}, and " + account.error().text);
      }
      setting = filled_in(*setting, *account);
    }
    const auto &allowed = options_.allowed_roles;
    const Result<std::string> role = regcred::choose(
        request, {chosen_by, setting, "settings.roleArn", "settings.allowedRoles"}, [&](std::string_view asked) {
          return std::any_of(allowed.begin(), allowed.end(),
                             [&](const std::string &pattern) { return fits(pattern, asked); });
        });
    if (!role) return tl::make_unexpected(role.error());
    const std::string partition(registry.partition->name);
    if (partition_of_role(*role) != partition) {  // guard: ecr-partition-of-role
      const bool by_setting = chosen_by.empty();
      return failure(by_setting ? Code::bad_config : Code::bad_request,
                     (by_setting ? "settings.roleArn" : "annotation " + std::string(chosen_by)) + ": " +
                         shown(*role, 120) + " is not the ARN of a role in partition " + partition +
                         ", where this image's registry is, so nothing was sent; name a role of that partition (arn:" +
                         partition + ":iam::...), or split the entry by partition");
    }
    std::string session = "regcred";
    if (account) session += "-" + account->namespace_name + "-" + account->name;
    session.resize(std::min(session.size(), session_bytes_max));
    const std::string sts_url = options_.sts_url.value_or("https://" + sts_host(registry));
    return log_in(registry, token, keys_of_role(host_, token, sts_url, *role, session));
  }

  // GetAuthorizationToken. When AWS refuses the signature and its clock is another, once more by that clock.
  Result<Credentials> log_in(const Registry &registry, const std::optional<PodToken> &token, const Result<Keys> &keys) {
    if (!keys) return tl::make_unexpected(keys.error());
    const std::string url = options_.ecr_url.value_or("https://" + ecr_host(registry)) + "/";
    const bool is_public = registry.is_public;
    const std::string target = is_public ? "SpencerFrontendService" : "AmazonEC2ContainerRegistry_V20150921";
    Exchange::Party party{.name = is_public ? "ECR Public" : "ECR",
                          .asked = "region " + shown(registry.region),
                          .host_setting = "settings.ecrEndpoint",
                          .refusals = refusals(),
                          .read_body = &read_answer};
    std::optional<seconds> server_time;
    while (true) {
      Exchange exchange = token ? Exchange(host_, *token, party) : Exchange(host_, party);
      regcred::HttpRequest post{.method = "POST", .url = url, .body = regcred::Secret("{}")};
      post.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                      {"X-Amz-Target", target + ".GetAuthorizationToken"}};
      const seconds now = server_time.value_or(host_.clock().unix_now());
      post.party = party.name + ", GetAuthorizationToken";
      const Result<void> done =
          sign(regcred::Crypto(host_), post, *keys, registry.region, is_public ? "ecr-public" : "ecr", now);
      if (!done) return tl::make_unexpected(done.error());
      Result<json> answer = exchange.send(std::move(post));
      if (answer) return password_in(exchange, *answer, is_public, server_time);
      const std::optional<seconds> theirs = exchange.server_time();
      const seconds ahead = theirs ? now - *theirs : seconds(0);
      if (server_time || !is_about_the_signature(exchange.refusal()) || std::chrono::abs(ahead) < skew_min) {
        return tl::make_unexpected(answer.error());
      }
      server_time = theirs;
      const std::string skew = "this node's clock " + std::to_string(std::abs(ahead.count())) + " s " +
                               (ahead.count() > 0 ? "ahead of" : "behind") + " AWS's";
      host_.log().warn(skew + ": signed again by the time of AWS; correct the clock (NTP)");
      party.asked += ", " + skew;
    }
  }

  static Result<Credentials> password_in(const Exchange &exchange, const json &answer, bool is_public,
                                         std::optional<seconds> server_time) {
    const std::string place = is_public ? "authorizationData." : "authorizationData.0.";
    const Result<regcred::Secret> encoded = exchange.secret_in(answer, place + "authorizationToken");
    if (!encoded) return tl::make_unexpected(encoded.error());
    std::string login = regcred::base64_decode(encoded->reveal()).value_or("");
    const std::size_t colon = login.find(':');
    if (colon == std::string::npos) {
      return tl::make_unexpected(
          exchange.failed(Code::bad_upstream, "ECR's authorizationToken is not base64 of USER:PASSWORD"));
    }
    json found = {{"username", login.substr(0, colon)}, {"authorizationToken", login.substr(colon + 1)}};
    regcred::wipe(login);
    if (const json *end = regcred::json_at(answer, place + "expiresAt")) found["expiresAt"] = *end;
    return exchange.credentials(found, {.password = "authorizationToken",
                                        .username = "username",
                                        .expires_in = "",
                                        .expires_at = "expiresAt",
                                        .scope = regcred::Scope::registry,
                                        .now = server_time});
  }

  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace ecr

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<ecr::Ecr>(); }
