// SPDX-License-Identifier: Apache-2.0
// The bodies of aws.hpp for temporary keys, whose comments say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <regcred/aws.hpp>
#include <regcred/json.hpp>
#include <regcred/placeholders.hpp>
#include <regcred/text.hpp>
#include <utility>

namespace regcred::aws {

namespace detail {

inline constexpr std::string_view no_association =
    "the service account has no association; create one: aws eks create-pod-identity-association";
inline constexpr Refusal agent_refusals[] = {
    {404, "", Code::denied, no_association},
    {0, "", Code::denied, no_association, "text", "ResourceNotFound"},
    {0, "", Code::denied, "the node's role may not ask for it; allow it eks-auth:AssumeRoleForPodIdentity", "text",
     "AccessDenied"},
    {0, "", Code::throttled, "EKS is asked too often", "text", "Throttling"},
    {0, "", Code::denied, "the token is not accepted; its audience must be pods.eks.amazonaws.com"},
};
inline constexpr Refusal imds_refusals[] = {
    {403, "", Code::denied, "it is switched off; allow it in the instance's metadata options"},
    {405, "", Code::denied, "there is no IMDSv2; allow it in the instance's metadata options"},
    {404, "", Code::denied, "there is no IMDSv2, or no instance profile; give the instance one with a role"},
};

// JSON, or else a text.
[[nodiscard]] inline std::optional<nlohmann::json> read_text(const HttpResponse &response) {
  std::optional<nlohmann::json> answer = response.json_object();
  return answer ? answer : nlohmann::json{{"text", response.body.reveal()}};
}

// The text that a metadata service answers with; nullopt when it cannot go into a header or a path.
[[nodiscard]] inline std::optional<std::string> plain_text(const nlohmann::json &answer) {
  constexpr std::string_view allowed = "+=,.@-_/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string text = json_text(answer, "text");
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.empty() || text.find_first_not_of(allowed) != std::string::npos) return std::nullopt;
  return text;
}

[[nodiscard]] inline Result<Keys> keys_in(const Exchange &exchange, const nlohmann::json &answer,
                                          const char *token_name) {
  const Result<Secret> id = exchange.secret_in(answer, "AccessKeyId");
  Result<Secret> secret = exchange.secret_in(answer, "SecretAccessKey"), token = exchange.secret_in(answer, token_name);
  for (const auto *part : std::initializer_list<const Result<Secret> *>{&id, &secret, &token}) {
    if (!*part) return tl::make_unexpected(part->error());
  }
  return Keys{std::string(id->reveal()), std::move(*secret), std::move(*token)};
}

// A request to the first of two addresses, of IPv4 and IPv6, that can be reached; `base` becomes that address.
template <class MakeRequest>
[[nodiscard]] Result<nlohmann::json> send_to_first(Exchange &exchange, std::string &base, const char *other,
                                                   const MakeRequest &request) {
  Result<nlohmann::json> answer = exchange.send(request(base));
  if (answer || answer.error().code != Code::unavailable) return answer;
  Result<nlohmann::json> second = exchange.send(request(other));
  if (!second && second.error().code == Code::unavailable) return answer;
  base = other;
  return second;
}

// 2 to 64 of the characters that names of service accounts have, too.
[[nodiscard]] inline std::string session_name(const PodToken &token) {
  constexpr std::size_t session_bytes_max = 64;
  std::string name = "regcred";
  if (const Result<ServiceAccountName> account = service_account_name(token.claims)) {
    name += "-" + account->namespace_name + "-" + account->name;
  }
  return name.substr(0, session_bytes_max);
}

}  // namespace detail

inline Result<Keys> keys_of_role(const Host &host, const PodToken &token, const AssumedRole &role) {
  Exchange exchange(host, token,
                    {.name = "STS",
                     .asked = "role " + shown(role.arn, 120),
                     .host_setting = role.host_setting,
                     .refusals = role.refusals.empty() ? refusals() : role.refusals,
                     .read_body = &read_answer});
  const std::string session = detail::session_name(token);
  const auto assume = [&] {
    HttpRequest post = post_form(role.sts_url + "/", {{"Action", "AssumeRoleWithWebIdentity"},
                                                      {"Version", "2011-06-15"},
                                                      {"RoleArn", role.arn},
                                                      {"RoleSessionName", session},
                                                      {"WebIdentityToken", token.text},
                                                      {"DurationSeconds", "900"}});
    post.party = "STS, AssumeRoleWithWebIdentity";
    return exchange.send(std::move(post));
  };
  Result<nlohmann::json> answer = assume();
  // HTTP 400 for an issuer that did not answer, which the host does not try again.
  if (!answer && exchange.refusal() != nullptr && answer.error().code == Code::unavailable) answer = assume();
  if (!answer) return tl::make_unexpected(answer.error());
  return detail::keys_in(exchange, *answer, "SessionToken");
}

inline Result<Keys> keys_of_association(const Host &host, const PodToken &token) {
  Exchange exchange(
      host, token,
      {.name = "the EKS Pod Identity agent", .refusals = detail::agent_refusals, .read_body = &detail::read_text});
  std::string base = "http://169.254.170.23";
  const Result<nlohmann::json> answer =
      detail::send_to_first(exchange, base, "http://[fd00:ec2::23]", [&](const std::string &at) {
        HttpRequest request = metadata_request(at + "/v1/credentials", "Authorization", token.text);
        request.timeout = std::chrono::seconds(5);  // the agent asks EKS
        return request;
      });
  if (!answer) return tl::make_unexpected(answer.error());
  return detail::keys_in(exchange, *answer, "Token");
}

inline Result<Keys> keys_of_node(const Host &host) {
  Exchange exchange(
      host,
      {.name = "the instance's metadata service", .refusals = detail::imds_refusals, .read_body = &detail::read_text});
  std::string base = "http://169.254.169.254";
  const Result<nlohmann::json> session =
      detail::send_to_first(exchange, base, "http://[fd00:ec2::254]", [](const std::string &at) {
        HttpRequest put = metadata_request(at + "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds", "60");
        put.method = "PUT";
        return put;
      });
  if (!session) return tl::make_unexpected(session.error());
  const auto failed = [&](std::string_view text) {
    return tl::make_unexpected(exchange.failed(Code::bad_upstream, text));
  };
  const std::optional<std::string> session_token = detail::plain_text(*session);
  if (!session_token) return failed("it gave no session token; check what answers at this address");
  const auto get = [&](const std::string &role) {
    return exchange.send(metadata_request(base + "/latest/meta-data/iam/security-credentials/" + role,
                                          "X-aws-ec2-metadata-token", *session_token));
  };
  const Result<nlohmann::json> role = get("");
  if (!role) return tl::make_unexpected(role.error());
  const std::optional<std::string> name = detail::plain_text(*role);
  if (!name) return failed("it named no role; give the instance an instance profile with a role");
  const Result<nlohmann::json> answer = get(percent_encode(*name));
  if (!answer) return tl::make_unexpected(answer.error());
  const std::string code = json_text(*answer, "Code");
  if (code.empty()) return failed("its answer lacks Code");
  if (code == "Success") return detail::keys_in(exchange, *answer, "Token");
  return tl::make_unexpected(exchange.failed(Code::denied, "the instance's role cannot be assumed (" + shown(code) +
                                                               "); its trust policy must name ec2.amazonaws.com"));
}

}  // namespace regcred::aws
