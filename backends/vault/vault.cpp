// SPDX-License-Identifier: Apache-2.0
// The vault backend: the pod's token logs in to HashiCorp Vault or OpenBao, and a secret there holds the registry's
// username and password. START HERE: this file is the whole course of one request.
#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/backend.hpp>
#include <regcred/docker_config.hpp>
#include <regcred/exchange.hpp>
#include <regcred/registry.hpp>
#include <regcred/text.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "calls.hpp"
#include "options.hpp"
#include "schema.hpp"
#include "secret_path.hpp"

namespace vault {
namespace {

using nlohmann::json;
using regcred::Code;
using regcred::Credentials;
using regcred::Exchange;
using regcred::PodToken;
using regcred::Request;
using regcred::Result;
using regcred::Secret;
using regcred::shown;

constexpr std::string_view docker_config_key = "auths";  // of a field that is the inner object itself

struct Login {
  Secret token;
  bool may_be_revoked = false;                   // a batch token cannot be
  std::optional<std::chrono::seconds> lifetime;  // of what it made, too
  std::chrono::milliseconds remaining;           // of the deadline, when it came
};

class Vault final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "vault",
      .version = REGCRED_BACKEND_VERSION,
      .settings_schema = settings_schema,
  };

  static Result<std::unique_ptr<Vault>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    if (options->engine == Engine::kv2 && options->path.starts_with("data/")) {
      host.log().warn(
          "settings.path: begins with data/, which is put in front for engine: kv2 as well; remove it "
          "unless the secret's own name begins so");
    }
    return std::make_unique<Vault>(host, std::move(*options));
  }

  Vault(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<void> serves_registry(std::string_view registry) const override {
    if (options_.registries.empty()) return {};
    return regcred::require_served(registry, options_.registries, "not in settings.registryHosts");
  }

  Result<Credentials> get_credentials(const Request &request) override {
    if (const Result<void> served = serves_registry(request.registry()); !served) {
      return tl::make_unexpected(served.error());
    }
    const Result<PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());
    const Result<std::string> path = secret_path(options_, request.registry(), *token);
    if (!path) return tl::make_unexpected(path.error());

    if (options_.inline_login) {
      Exchange exchange = to_vault(*token, "path " + shown(*path, 160) + ", " + login_facts(), read_body);
      const Result<json> answer = exchange.send(inline_request(options_, *path, *token));
      if (!answer) return tl::make_unexpected(answer.error());
      return credentials_in(*answer, exchange, request);
    }
    const Result<Login> login = log_in(*token);
    if (!login) return tl::make_unexpected(login.error());
    Exchange exchange = to_vault(*token, "path " + shown(*path, 160) + ", role " + shown(options_.role), read_body);
    const Result<json> answer = exchange.send(read_request(options_, *path, login->token));
    Result<Credentials> made = !answer                              ? tl::make_unexpected(answer.error())
                               : options_.engine == Engine::dynamic ? leased_credentials(*answer, exchange, *login)
                                                                    : credentials_in(*answer, exchange, request);
    // The end of a login is the end of every credential that it made, so one that was given keeps it.
    if (options_.engine != Engine::dynamic || !made) revoke(*login);  // guard: no-revocation-of-leases
    return made;
  }

 private:
  [[nodiscard]] Exchange to_vault(const PodToken &token, std::string asked,
                                  std::optional<json> (*body)(const regcred::HttpResponse &)) const {
    if (!options_.namespace_path.empty()) asked += ", namespace " + shown(options_.namespace_path);
    return Exchange(host_, token,
                    {.name = "Vault",
                     .asked = std::move(asked),
                     .host_setting = "settings.address",
                     .refusals = refusals(),
                     .read_body = body,
                     .may_know_cluster_issuer = true});
  }

  [[nodiscard]] std::string login_facts() const {
    return "login at " + shown("auth/" + options_.auth_mount) + ", role " + shown(options_.role);
  }

  Result<Login> log_in(const PodToken &token) const {
    Exchange exchange = to_vault(token, login_facts(), login_body);
    const Result<json> answer = exchange.send(login_request(options_, token));
    if (!answer) return tl::make_unexpected(answer.error());
    Result<Credentials> made = exchange.credentials(
        *answer, {.password = "auth.client_token", .fixed_username = "token", .expires_in = "auth.lease_duration"});
    if (!made) return tl::make_unexpected(std::move(made.error()));
    const json *type = regcred::json_at(*answer, "auth.token_type");
    return Login{std::move(made->password), type == nullptr || *type != "batch", made->lifetime,
                 host_.clock().remaining()};
  }

  // So that no token stays behind for each pull. Whether that works changes nothing about the answer.
  void revoke(const Login &login) const {
    if (!login.may_be_revoked || host_.clock().remaining() < std::chrono::seconds(2)) return;
    regcred::HttpRequest request = revocation_request(options_, login.token);
    request.party = "Vault";
    const Result<regcred::HttpResponse> response = regcred::Http(host_).send(request);
    for (auto &[name, value] : request.headers) regcred::wipe(value);
    const bool done = response && response->status == 204;
    host_.log().debug(done ? "the login at Vault is revoked"
                           : "the login at Vault could not be revoked; it ends by itself");
  }

  // What an engine made for this read: it ends with its lease, and with the login.
  [[nodiscard]] Result<Credentials> leased_credentials(const json &answer, const Exchange &exchange,
                                                       const Login &login) const {
    const json *lease = regcred::json_at(answer, "lease_id");
    const json *duration = regcred::json_at(answer, "lease_duration");
    const bool leased = lease == nullptr || *lease != json(std::string()) || duration == nullptr || *duration != 0;
    Result<Credentials> made = exchange.credentials(answer, fields("data.", leased ? "lease_duration" : ""));
    if (!made || !leased) return made;
    const auto since_login = std::chrono::ceil<std::chrono::seconds>(login.remaining - host_.clock().remaining());
    const std::chrono::seconds login_left = login.lifetime.value_or(since_login) - since_login;
    made->lifetime =
        std::max(std::chrono::seconds(0), std::min(made->lifetime.value_or(std::chrono::seconds(0)), login_left));
    return made;
  }

  // What a key-value store holds. How long it is valid nobody says.
  [[nodiscard]] Result<Credentials> credentials_in(const json &answer, const Exchange &exchange,
                                                   const Request &request) const {
    const std::string place = options_.engine == Engine::kv2 ? "data.data" : "data";
    if (options_.docker_config_field.empty()) return exchange.credentials(answer, fields(place + ".", ""));
    const std::string named = "field " + shown(options_.docker_config_field);
    const std::optional<json> config = docker_config(regcred::json_at(answer, place));
    if (!config) {
      return tl::make_unexpected(
          exchange.failed(Code::bad_upstream, "the secret holds no " + named +
                                                  " with a JSON object; correct settings.dockerConfigField "
                                                  "or the secret"));
    }
    const auto found = regcred::docker_auth(*config, request.registry(), request.path());
    if (!found) {
      return tl::make_unexpected(
          exchange.failed(Code::bad_upstream, "the secret's " + named + " " + found.error().text));
    }
    if (!*found) {
      return tl::make_unexpected(exchange.failed(
          Code::no_credentials, "the secret's " + named + " has no entry for image " + shown(request.image(), 100)));
    }
    const regcred::DockerAuth &auth = **found;
    Result<Credentials> made =
        exchange.credentials({{"username", auth.username}, {"password", auth.password.reveal()}},
                             {.password = "password", .username = "username", .expires_in = {}, .any_text = true});
    if (!made) return made;
    if (!auth.path.empty()) made->registry = std::string(request.registry()) + "/" + auth.path;
    made->scope = auth.scope == regcred::Scope::registry ? options_.scope : regcred::Scope::image;
    return made;
  }

  [[nodiscard]] std::optional<json> docker_config(const json *secret) const {
    if (secret == nullptr || !secret->is_object()) return std::nullopt;
    const auto field = secret->find(options_.docker_config_field);
    if (field == secret->end()) return std::nullopt;
    std::optional<json> config = field->is_string() ? regcred::parse_json_object(field->get_ref<const std::string &>())
                                                    : (field->is_object() ? std::optional<json>(*field) : std::nullopt);
    if (config && options_.docker_config_field == docker_config_key) return json{{docker_config_key, *config}};
    return config;
  }

  [[nodiscard]] regcred::AnswerFields fields(const std::string &place, std::string expires_in) const {
    return {.password = place + options_.password_field,
            .username = options_.username.empty() ? place + options_.username_field : std::string(),
            .fixed_username = options_.username,
            .expires_in = std::move(expires_in),
            .scope = options_.scope,
            .password_setting = "settings.passwordField",
            .username_setting = "settings.usernameField",
            .any_text = true};
  }

  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace vault

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<vault::Vault>(); }
