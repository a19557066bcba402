// SPDX-License-Identifier: Apache-2.0
#include "calls.hpp"

#include <chrono>
#include <regcred/base64.hpp>
#include <regcred/secret.hpp>
#include <string>
#include <utility>

#include "secret_path.hpp"

namespace vault {
namespace {

using regcred::Code;
using regcred::HttpRequest;
using regcred::HttpResponse;
using regcred::Secret;

constexpr regcred::Refusal table[] = {
    {404, "", Code::bad_config, "no such namespace; correct settings.namespace", "said", "namespace not found"},
    {503, "", Code::unavailable, "it is sealed; unseal it", "said", "sealed"},
    {307, "", Code::bad_upstream,
     "this is a standby that redirects to the active node; not followed, since the token would go there: set "
     "settings.address to the active node or to a load balancer in front, or turn request forwarding on"},
    {412, "", Code::unavailable, "what was asked for is not replicated to this node yet; try again"},

    {400, "", Code::bad_config, "no such role; correct settings.role, or write it below that mount", "said",
     "could not be found"},
    {400, "", Code::bad_config, "no such role; correct settings.role, or write it below that mount", "said",
     "invalid role name"},
    {400, "", Code::denied,
     "the role has no bound_audiences, and a token with an audience needs them; add the token's audience", "said",
     "no audiences bound"},
    {400, "", Code::denied,
     "the token's audience is not among the role's bound_audiences; make it one of them, there or as "
     "serviceAccountTokenAudience",
     "said", "(aud)"},
    {400, "", Code::denied, "the token's issuer is not this auth method's bound_issuer; correct it to the token's",
     "said", "(iss)"},
    {400, "", Code::denied, "the token's subject is not the role's bound_subject; correct it to the token's", "said",
     "(sub)"},
    {400, "", Code::denied, "the token is expired by its clock; check the time there and on this node (NTP)", "said",
     "(exp)"},
    {400, "", Code::denied, "the token is not valid yet by its clock; check the time there and in the cluster (NTP)",
     "said", "(nbf)"},
    {400, "", Code::denied,
     "the token's signature fits no key of this auth method; give it the keys of this cluster (oidc_discovery_url, "
     "jwks_url or jwt_validation_pubkeys)",
     "said", "signature"},
    {400, "", Code::denied, "the token does not fit the role's bound_claims; compare them", "said",
     "error validating claims"},
    {400, "", Code::denied,
     "it refuses the token; the role's bounds and the auth method's configuration must fit it, or user_claim names a "
     "claim that the token lacks: user_claim=sub",
     "said", "login: "},
    {403, "", Code::denied,
     "it refuses the login; compare the role's service accounts, namespaces, audience and token_bound_cidrs, check "
     "settings.authMount, and for kubernetes that its reviewer may create tokenreviews",
     "said", "login: "},
    {404, "", Code::bad_config, "no login is there; correct settings.address and settings.authMount", "said",
     "login: "},
    {500, "", Code::bad_config, "the auth method has no configuration; write it below that mount", "said",
     "could not load backend configuration"},

    {400, "", Code::bad_config, "this server has no inline login, as OpenBao 2.4 does; set settings.login: token",
     "said", "missing client token"},
    {500, "", Code::bad_config,
     "this path gives a credential with a lease, which an inline login cannot have; set settings.login: token and "
     "settings.engine: dynamic",
     "said", "inline authentication cannot generate leases"},
    {403, "", Code::denied,
     "the login's policies do not allow read on this path, or nothing is mounted there; allow it, or correct "
     "settings.mount, settings.path and settings.engine",
     "said", "read: "},
    {404, "", Code::bad_config, "the secret's newest version is deleted; undelete it, or write a new one", "said",
     "version is deleted"},
    {404, "", Code::bad_config, "nothing is mounted there; correct settings.mount", "said", "no handler for route"},
    {404, "", Code::bad_config, "this mount is a KV of version 2; set settings.engine: kv2", "said", "versioned K/V"},
    {404, "", Code::bad_config,
     "no secret is at this path; write it there, or correct settings.mount, settings.path and settings.engine", "said",
     "read: "},
    {400, "", Code::bad_config, "the engine has no such role; correct the last part of settings.path", "said",
     "unknown role"},
    {400, "", Code::bad_config, "it does not understand the request; correct settings.path and settings.engine", "said",
     "read: "},
    {405, "", Code::bad_config, "this path cannot be read; correct settings.path and settings.engine"},
};

// What every call has: an Agent or a Proxy may demand the second header.
HttpRequest with_headers(const Options &options, HttpRequest request) {
  if (!options.namespace_path.empty()) request.headers.emplace_back("X-Vault-Namespace", options.namespace_path);
  request.headers.emplace_back("X-Vault-Request", "true");
  return request;
}

HttpRequest get_request(const Options &options, std::string_view path) {
  HttpRequest get;
  get.url = options.address + "/v1/" + in_url(path);
  return with_headers(options, std::move(get));
}

std::string login_path(const Options &options) { return "auth/" + options.auth_mount + "/login"; }

// Neither a role nor a token holds a character that JSON would escape.
std::string inline_parameter(std::string_view key, std::string_view value) {
  std::string json;
  json.reserve(key.size() + value.size() + 32);
  for (const std::string_view part :
       {std::string_view(R"({"key":")"), key, std::string_view(R"(","value":")"), value, std::string_view(R"("})")}) {
    json += part;
  }
  std::string parameter = regcred::base64url_encode(json);
  regcred::wipe(json);
  return parameter;
}

void append_texts(std::string &said, const nlohmann::json &body, const char *member) {
  const auto list = body.find(member);
  if (list == body.end() || !list->is_array()) return;
  for (const nlohmann::json &text : *list) {
    if (text.is_string()) said += text.get_ref<const std::string &>() + "\n";
  }
}

std::optional<nlohmann::json> body_of(const HttpResponse &response, const char *step) {
  std::optional<nlohmann::json> body = response.json_object();
  if (response.ok()) return body;
  std::string said = step;
  if (body) {
    append_texts(said, *body, "errors");
    append_texts(said, *body, "warnings");
    // KV 2 answers 404 for a version that was deleted or destroyed, and describes it.
    if (regcred::json_at(*body, "data.metadata") != nullptr) said += "the version is deleted";
  }
  return nlohmann::json{{"said", std::move(said)}};
}

}  // namespace

HttpRequest login_request(const Options &options, const regcred::PodToken &token) {
  return with_headers(options, regcred::post_json(options.address + "/v1/" + in_url(login_path(options)),
                                                  {{"role", options.role}, {"jwt", token.text}}));
}

HttpRequest read_request(const Options &options, std::string_view path, const Secret &login) {
  HttpRequest get = get_request(options, path);
  get.headers.emplace_back("X-Vault-Token", login.reveal());
  return get;
}

HttpRequest inline_request(const Options &options, std::string_view path, const regcred::PodToken &token) {
  HttpRequest get = get_request(options, path);
  get.headers.emplace_back("X-Vault-Inline-Auth-Path", login_path(options));
  get.headers.emplace_back("X-Vault-Inline-Auth-Parameter-1", inline_parameter("role", options.role));
  get.headers.emplace_back("X-Vault-Inline-Auth-Parameter-2", inline_parameter("jwt", token.text));
  return get;
}

HttpRequest revocation_request(const Options &options, const Secret &login) {
  HttpRequest post = with_headers(options, regcred::post_json(options.address + "/v1/auth/token/revoke-self", {}));
  post.headers.emplace_back("X-Vault-Token", login.reveal());
  post.may_repeat = false;
  post.timeout = std::chrono::seconds(1);
  return post;
}

std::span<const regcred::Refusal> refusals() { return table; }

std::optional<nlohmann::json> login_body(const HttpResponse &response) { return body_of(response, "login: "); }

std::optional<nlohmann::json> read_body(const HttpResponse &response) {
  return body_of(response, response.header("x-vault-inline-auth-failed").empty() ? "read: " : "login: ");
}

}  // namespace vault
