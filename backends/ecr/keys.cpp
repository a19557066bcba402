// SPDX-License-Identifier: Apache-2.0
#include "keys.hpp"

#include <chrono>
#include <initializer_list>
#include <optional>
#include <regcred/json.hpp>
#include <regcred/text.hpp>
#include <utility>

#include "answers.hpp"

namespace ecr {
namespace {

using nlohmann::json;
using regcred::Code;
using regcred::Exchange;
using regcred::HttpRequest;
using regcred::Result;
using regcred::Secret;
using regcred::shown;

constexpr std::string_view no_association =
    "the service account has no association; create one: aws eks create-pod-identity-association";
constexpr regcred::Refusal agent_refusals[] = {
    {404, "", Code::denied, no_association},
    {0, "", Code::denied, no_association, "text", "ResourceNotFound"},
    {0, "", Code::denied, "the node's role may not ask for it; allow it eks-auth:AssumeRoleForPodIdentity", "text",
     "AccessDenied"},
    {0, "", Code::throttled, "EKS is asked too often", "text", "Throttling"},
    {0, "", Code::denied, "the token is not accepted; its audience must be pods.eks.amazonaws.com"},
};
constexpr regcred::Refusal imds_refusals[] = {
    {403, "", Code::denied, "it is switched off; allow it in the instance's metadata options"},
    {405, "", Code::denied, "there is no IMDSv2; allow it in the instance's metadata options"},
    {404, "", Code::denied, "there is no IMDSv2, or no instance profile; give the instance one with a role"},
};

// JSON, or else a text.
std::optional<json> read_text(const regcred::HttpResponse &response) {
  std::optional<json> answer = response.json_object();
  return answer ? answer : json{{"text", response.body.reveal()}};
}

// The text that a metadata service answers with; nullopt when it cannot go into a header or a path.
std::optional<std::string> plain_text(const json &answer) {
  constexpr std::string_view allowed = "+=,.@-_/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string text = regcred::json_text(answer, "text");
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.empty() || text.find_first_not_of(allowed) != std::string::npos) return std::nullopt;
  return text;
}

Result<Keys> keys_in(const Exchange &exchange, const json &answer, const char *token_name) {
  const Result<Secret> id = exchange.secret_in(answer, "AccessKeyId");
  Result<Secret> secret = exchange.secret_in(answer, "SecretAccessKey"), token = exchange.secret_in(answer, token_name);
  for (const auto *part : std::initializer_list<const Result<Secret> *>{&id, &secret, &token}) {
    if (!*part) return tl::make_unexpected(part->error());
  }
  return Keys{std::string(id->reveal()), std::move(*secret), std::move(*token)};
}

// A request to the first of two addresses, of IPv4 and IPv6, that can be reached; `base` becomes that address.
Result<json> send_to_first(Exchange &exchange, std::string &base, const char *other, const auto &request) {
  Result<json> answer = exchange.send(request(base));
  if (answer || answer.error().code != Code::unavailable) return answer;
  Result<json> second = exchange.send(request(other));
  if (!second && second.error().code == Code::unavailable) return answer;
  base = other;
  return second;
}

}  // namespace

Result<Keys> keys_of_role(const regcred::Host &host, const regcred::PodToken &token, const std::string &sts_url,
                          std::string_view role, std::string_view session_name) {
  Exchange exchange(host, token,
                    {.name = "STS",
                     .asked = "role " + shown(role, 120),
                     .host_setting = "settings.stsEndpoint",
                     .refusals = refusals(),
                     .read_body = &read_answer});
  const auto assume = [&] {
    HttpRequest post = regcred::post_form(sts_url + "/", {{"Action", "AssumeRoleWithWebIdentity"},
                                                          {"Version", "2011-06-15"},
                                                          {"RoleArn", role},
                                                          {"RoleSessionName", session_name},
                                                          {"WebIdentityToken", token.text},
                                                          {"DurationSeconds", "900"}});
    post.party = "STS, AssumeRoleWithWebIdentity";
    return exchange.send(std::move(post));
  };
  Result<json> answer = assume();
  // HTTP 400 for an issuer that did not answer, which the host does not try again.
  if (!answer && exchange.refusal() != nullptr && answer.error().code == Code::unavailable) answer = assume();
  if (!answer) return tl::make_unexpected(answer.error());
  return keys_in(exchange, *answer, "SessionToken");
}

Result<Keys> keys_of_association(const regcred::Host &host, const regcred::PodToken &token) {
  Exchange exchange(host, token,
                    {.name = "the EKS Pod Identity agent", .refusals = agent_refusals, .read_body = &read_text});
  std::string base = "http://169.254.170.23";
  const Result<json> answer = send_to_first(exchange, base, "http://[fd00:ec2::23]", [&](const std::string &at) {
    HttpRequest request = regcred::metadata_request(at + "/v1/credentials", "Authorization", token.text);
    request.timeout = std::chrono::seconds(5);  // the agent asks EKS
    return request;
  });
  if (!answer) return tl::make_unexpected(answer.error());
  return keys_in(exchange, *answer, "Token");
}

Result<Keys> keys_of_node(const regcred::Host &host) {
  Exchange exchange(host,
                    {.name = "the instance's metadata service", .refusals = imds_refusals, .read_body = &read_text});
  std::string base = "http://169.254.169.254";
  const Result<json> session = send_to_first(exchange, base, "http://[fd00:ec2::254]", [](const std::string &at) {
    HttpRequest put = regcred::metadata_request(at + "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds", "60");
    put.method = "PUT";
    return put;
  });
  if (!session) return tl::make_unexpected(session.error());
  const auto failed = [&](std::string_view text) {
    return tl::make_unexpected(exchange.failed(Code::bad_upstream, text));
  };
  const std::optional<std::string> session_token = plain_text(*session);
  if (!session_token) return failed("it gave no session token; check what answers at this address");
  const auto get = [&](const std::string &role) {
    return exchange.send(regcred::metadata_request(base + "/latest/meta-data/iam/security-credentials/" + role,
                                                   "X-aws-ec2-metadata-token", *session_token));
  };
  const Result<json> role = get("");
  if (!role) return tl::make_unexpected(role.error());
  const std::optional<std::string> name = plain_text(*role);
  if (!name) return failed("it named no role; give the instance an instance profile with a role");
  const Result<json> answer = get(regcred::percent_encode(*name));
  if (!answer) return tl::make_unexpected(answer.error());
  const std::string code = regcred::json_text(*answer, "Code");
  if (code.empty()) return failed("its answer lacks Code");
  if (code == "Success") return keys_in(exchange, *answer, "Token");
  return tl::make_unexpected(exchange.failed(Code::denied, "the instance's role cannot be assumed (" + shown(code) +
                                                               "); its trust policy must name ec2.amazonaws.com"));
}

}  // namespace ecr
