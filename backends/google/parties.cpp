// SPDX-License-Identifier: Apache-2.0
#include "parties.hpp"

#include <array>

namespace google {
namespace {

using regcred::Code;
using regcred::HttpRequest;
using regcred::Refusal;

// What the registry asks for; narrower scopes do not exist for a federated token.
constexpr std::string_view scope = "https://www.googleapis.com/auth/cloud-platform";

// Errors are those of RFC 6749, 5.2; its sentences only choose the words.
constexpr std::array<Refusal, 9> of_sts = {{
    {0, "invalid_request", Code::bad_config,
     "the audience asked for is not a provider's full name; correct settings.audience: the project's number, and the "
     "pool's own cloud",
     "error_description", "\"audience\""},
    {0, "invalid_target", Code::bad_config,
     "there is no such pool or provider, or it is disabled or deleted; correct settings.audience"},
    {0, "unauthorized_client", Code::denied,
     "the provider's attribute condition does not let the token pass; compare it with the token's claims"},
    {0, "", Code::denied,
     "an attribute mapped from the token is longer than Google takes (127 bytes for google.subject); change the "
     "provider's attribute mapping, or shorten the names of namespace and service account",
     "error_description", "mapped attribute"},
    {0, "invalid_grant", Code::denied,
     "Google cannot read the issuer's keys; publish the issuer's discovery document, or upload its keys to the "
     "provider: gcloud iam workload-identity-pools providers update-oidc --jwk-json-path",
     "error_description", "connecting to"},
    {0, "invalid_grant", Code::denied,
     "the token's audience is not one that the provider allows; make serviceAccountTokenAudience one of its allowed "
     "audiences",
     "error_description", "audience"},
    {0, "invalid_grant", Code::denied, "the token's issuer is not the provider's; correct the provider's issuer URI",
     "error_description", "issuer"},
    {0, "invalid_grant", Code::denied,
     "the token is not accepted; compare issuer and audience with the provider's, whether its keys are those of the "
     "cluster, and the node's clock"},
    {404, "", Code::bad_config, "this is not a Security Token Service; correct settings.stsEndpoint"},
}};

// Errors are google.rpc.Status.
constexpr std::array<Refusal, 5> of_impersonation = {{
    {400, "", Code::denied, "the request is not accepted; correct the service account's email address"},
    {401, "", Code::denied,
     "the token of the first step is not accepted; settings.iamEndpoint must be of the same cloud as the pool"},
    {403, "", Code::bad_config,
     "the IAM Service Account Credentials API is off in the service account's project; run gcloud services enable "
     "iamcredentials.googleapis.com",
     "error.message", "it is disabled"},
    {403, "", Code::denied,
     "this service account may not be impersonated; give its roles/iam.workloadIdentityUser to the pool's principal, "
     "or "
     "with identity: node roles/iam.serviceAccountTokenCreator to the node's account"},
    {404, "", Code::denied, "no such service account; correct settings.serviceAccount or the annotation"},
}};

constexpr std::array<Refusal, 2> of_metadata = {{
    {403, "", Code::denied, "it gives this node's programs no token; see whether the node may use its service account"},
    {404, "", Code::bad_config, "the node has no service account; attach one to it, or use identity: token"},
}};

}  // namespace

HttpRequest sts_request(const std::string &endpoint, std::string_view audience, const regcred::PodToken &token) {
  return regcred::post_form(endpoint + "/v1/token",
                            {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                             {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                             {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
                             {"scope", scope},
                             {"audience", audience},
                             {"subject_token", token.text}});
}

std::span<const Refusal> sts_refusals() { return of_sts; }

HttpRequest impersonation_request(const std::string &endpoint, const std::string &account,
                                  std::string_view access_token) {
  HttpRequest post;
  post.method = "POST";
  post.url = endpoint + "/v1/projects/-/serviceAccounts/" + account + ":generateAccessToken";
  post.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  regcred::add_bearer(post, {access_token, {}});
  post.body = regcred::Secret(R"({"scope":[")" + std::string(scope) + R"("],"lifetime":"3600s","delegates":[]})");
  return post;
}

std::span<const Refusal> impersonation_refusals() { return of_impersonation; }

HttpRequest node_token_request() {
  return regcred::metadata_request("http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token",
                                   "Metadata-Flavor", "Google");
}

std::span<const Refusal> metadata_refusals() { return of_metadata; }

std::optional<nlohmann::json> read_metadata(const regcred::HttpResponse &response) {
  std::optional<nlohmann::json> answer = response.json_object();
  if (answer) (*answer)[flavor] = response.header(flavor);
  return answer;
}

}  // namespace google
