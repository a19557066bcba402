// SPDX-License-Identifier: Apache-2.0
// The oidc backend: any exchange of the pod's token by one POST, described in settings; or no exchange, with the token
// itself as the password. START HERE: this file is the whole course of one request.
#include <map>
#include <memory>
#include <regcred/backend.hpp>
#include <regcred/exchange.hpp>
#include <regcred/registry.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "failures.hpp"
#include "options.hpp"
#include "schema.hpp"
#include "selection.hpp"

namespace oidc {
namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::failure;
using regcred::PodToken;
using regcred::Request;
using regcred::Result;
using regcred::Secret;
using regcred::shown;

// The values of settings.secretFields.
Result<std::map<std::string, Secret>> read_secrets(const Options &options, const regcred::SecretFiles &files) {
  std::map<std::string, Secret> secrets;
  for (const auto &[field, file] : options.secret_files) {
    Result<Secret> value = files.read(file);
    if (!value) {
      return failure(value.error().code, "settings.secretFields: " + shown(field) + ": " + value.error().text);
    }
    if (value->empty() || regcred::has_control_character(value->reveal())) {
      return failure(Code::bad_config, "settings.secretFields: " + shown(field) +
                                           ": the file must hold the value on one line, and nothing else");
    }
    secrets.emplace(field, std::move(*value));
  }
  return secrets;
}

// The mode's fields, then what settings and the service account say, then secrets and the token.
regcred::HttpRequest exchange_request(const Options &options, const std::map<std::string, std::string> &selected,
                                      const std::map<std::string, Secret> &secrets, const PodToken &token) {
  std::map<std::string_view, std::string_view> body(options.mode.fields.begin(), options.mode.fields.end());
  for (const auto &[name, value] : options.fields) body[name] = value;
  for (const auto &[name, value] : selected) body[name] = value;
  for (const auto &[name, value] : secrets) body[name] = value.reveal();
  if (options.mode.kind == Kind::body) body[options.token_field] = token.text;
  const regcred::Fields fields(body.begin(), body.end());
  regcred::HttpRequest post = options.json ? regcred::post_json(options.exchange_url, fields)
                                           : regcred::post_form(options.exchange_url, fields);
  if (options.mode.kind == Kind::bearer) regcred::add_bearer(post, token);
  post.headers.insert(post.headers.end(), options.headers.begin(), options.headers.end());
  return post;
}

std::string asked_words(const Options &options, const std::map<std::string, std::string> &selected) {
  std::string words = "mode " + std::string(options.mode.name);
  for (const auto &[name, value] : selected) words += ", " + name.substr(0, 30) + " " + shown(value, 50);
  return words;
}

class Oidc final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "oidc", .version = REGCRED_BACKEND_VERSION, .settings_schema = settings_schema,
      // No annotation keys of its own: settings.selections names them, and the entry's `annotations` lets them through.
  };

  static Result<std::unique_ptr<Oidc>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    return std::make_unique<Oidc>(host, std::move(*options));
  }

  Oidc(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<void> serves_registry(std::string_view registry) const override {
    if (options_.registries.empty()) return {};
    return regcred::require_served(registry, options_.registries, "not in settings.registryHosts");
  }

  // What a token exchange wants, only its operator knows.
  regcred::ExpectedAudiences expected_audiences(std::string_view registry) const override {
    if (options_.mode.kind != Kind::pass_through) return {};
    return regcred::expected_audiences(registry, pass_through_options());
  }

  Result<Credentials> get_credentials(const Request &request) override {
    if (options_.mode.kind == Kind::pass_through) return regcred::pass_through(host_, request, pass_through_options());
    if (const Result<void> served = serves_registry(request.registry()); !served) {
      return tl::make_unexpected(served.error());
    }
    const Result<PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());

    const auto selected = select_fields(options_.selections, options_.fields, request);
    if (!selected) return tl::make_unexpected(selected.error());
    const auto secrets = read_secrets(options_, host_.secret_files());
    if (!secrets) return tl::make_unexpected(secrets.error());
    regcred::Exchange exchange(host_, *token,
                               {.name = "the token exchange",
                                .asked = asked_words(options_, *selected),
                                .host_setting = "settings.exchangeUrl",
                                .refusals = refusals});
    const Result<nlohmann::json> answer = exchange.send(exchange_request(options_, *selected, *secrets, *token));
    if (!answer) return tl::make_unexpected(answer.error());
    return exchange.credentials(*answer, options_.answer);
  }

 private:
  [[nodiscard]] regcred::PassThrough pass_through_options() const {
    return {options_.answer.fixed_username, options_.registries, options_.audiences};
  }

  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace oidc

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<oidc::Oidc>(); }
