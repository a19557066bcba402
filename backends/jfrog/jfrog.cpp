// SPDX-License-Identifier: Apache-2.0
// The JFrog backend: POST https://{artifactoryHost}/access/api/v1/oidc/token turns the pod's token into an access token
// of the platform, the registry's password. START HERE: this file is the whole course of one request.
#include <algorithm>
#include <array>
#include <memory>
#include <regcred/backend.hpp>
#include <regcred/exchange.hpp>
#include <regcred/jwt.hpp>
#include <regcred/registry.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "options.hpp"

namespace jfrog {
namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::failure;
using regcred::Request;
using regcred::Result;
using regcred::shown;

// The opt-in of JFrog's own credential provider, kept for service accounts that carry it already.
constexpr std::string_view opt_in_annotation = "JFrogExchange";
constexpr std::array<std::string_view, 1> annotation_keys = {opt_in_annotation};

constexpr regcred::Refusal refusals[] = {
    {400, "", Code::denied,
     "the exchange is invalid; check that the OIDC integration and, where set, the identity mapping and the project "
     "exist under these names"},
    {401, "", Code::denied,
     "the token fits no identity mapping; the integration's provider URL must be the issuer, and a mapping's claims "
     "must be those of the token"},
    {404, "", Code::bad_config,
     "no token exchange at this address; correct settings.artifactoryHost (Artifactory 7.77.3 or later with OIDC)"},
};

regcred::HttpRequest exchange_request(const Options &options, const regcred::PodToken &token) {
  regcred::Fields fields = {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                            {"subject_token_type", "urn:ietf:params:oauth:token-type:id_token"},
                            {"subject_token", token.text},
                            {"provider_name", options.provider_name}};
  if (options.identity_mapping) fields.emplace_back("identity_mapping_name", *options.identity_mapping);
  if (options.project_key) fields.emplace_back("project_key", *options.project_key);
  regcred::HttpRequest post =
      regcred::post_json("https://" + options.artifactory_host + "/access/api/v1/oidc/token", fields);
  post.headers.insert(post.headers.end(), options.headers.begin(), options.headers.end());
  return post;
}

std::string asked_words(const Options &options) {
  std::string words = "provider " + shown(options.provider_name, 50);
  if (options.identity_mapping) words += ", identity mapping " + shown(*options.identity_mapping, 50);
  if (options.project_key) words += ", project " + shown(*options.project_key, 50);
  return words;
}

// The user in the subject of the answer's access token, jfac@.../users/NAME; empty when there is none.
std::string user_of_token(const nlohmann::json &answer) {
  const nlohmann::json *token = regcred::json_at(answer, "access_token");
  if (token == nullptr || !token->is_string()) return {};
  const auto claims = regcred::read_unverified_claims(token->get_ref<const std::string &>());
  const std::size_t slash = claims ? claims->subject.rfind('/') : std::string::npos;
  if (slash == std::string::npos) return {};
  std::string user = claims->subject.substr(slash + 1);
  const bool usable = user.size() <= 256 &&
                      std::all_of(user.begin(), user.end(), [](char c) { return c > ' ' && c <= '~' && c != ':'; });
  return usable ? user : std::string{};
}

class JFrog final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "jfrog",
      .version = REGCRED_BACKEND_VERSION,
      .settings_schema = settings_schema,
      .annotation_keys = annotation_keys,
  };

  static Result<std::unique_ptr<JFrog>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    return std::make_unique<JFrog>(host, std::move(*options));
  }

  JFrog(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<void> serves_registry(std::string_view registry) const override {
    return regcred::require_served(registry, options_.registries,
                                   "neither settings.artifactoryHost, nor below it, nor in settings.registryHosts");
  }

  Result<Credentials> get_credentials(const Request &request) override {
    if (options_.require_opt_in && request.annotation(opt_in_annotation) != "true") {
      return failure(Code::no_credentials, "the service account has no annotation JFrogExchange: \"true\"");
    }
    const Result<void> served = serves_registry(request.registry());
    if (!served) return tl::make_unexpected(served.error());
    const Result<regcred::PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());

    regcred::Exchange exchange(host_, *token,
                               {.name = "JFrog",
                                .asked = asked_words(options_),
                                .host_setting = "settings.artifactoryHost",
                                .refusals = refusals});
    const Result<nlohmann::json> answer = exchange.send(exchange_request(options_, *token));
    if (!answer) return tl::make_unexpected(answer.error());
    const std::string username = options_.username ? *options_.username : user_of_token(*answer);
    if (username.empty() && regcred::json_at(*answer, "access_token") && !regcred::json_at(*answer, "username")) {
      return tl::make_unexpected(exchange.failed(
          Code::bad_upstream, "JFrog names no user, neither in its answer nor in its token; set settings.username"));
    }
    return exchange.credentials(*answer, {.username = options_.username ? "" : "username",
                                          .fixed_username = username,
                                          .scope = regcred::Scope::registry});
  }

 private:
  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace jfrog

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<jfrog::JFrog>(); }
