// SPDX-License-Identifier: Apache-2.0
// The Cloudsmith backend: the pod's token goes to POST https://{apiHost}/openid/{org}/, an API token comes back and is
// the registry's password. START HERE: this file is the whole course of one request.
#include <array>
#include <memory>
#include <regcred/backend.hpp>
#include <regcred/exchange.hpp>
#include <regcred/text.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "options.hpp"
#include "refusals.hpp"
#include "target.hpp"

namespace cloudsmith {
namespace {

using regcred::Credentials;
using regcred::Result;

constexpr std::array<std::string_view, 3> annotation_keys = {service_annotation, org_annotation, api_host_annotation};

regcred::HttpRequest exchange_request(std::string_view token, const Target &target, const Options &options) {
  regcred::Fields fields = {{"oidc_token", token}};
  if (target.service_slug) fields.emplace_back("service_slug", *target.service_slug);
  // Without the last slash the API redirects.
  regcred::HttpRequest post =
      regcred::post_json("https://" + target.api_host + "/openid/" + target.org_slug + "/", fields);
  post.headers.insert(post.headers.end(), options.headers.begin(), options.headers.end());
  return post;
}

std::string asked_words(const Target &target) {
  return "org " + regcred::shown(target.org_slug, 40) + ", service " +
         (target.service_slug ? regcred::shown(*target.service_slug, 40) : "none: mapped by claim");
}

class Cloudsmith final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "cloudsmith",
      .version = REGCRED_BACKEND_VERSION,
      .token = regcred::TokenNeed::required,
      .settings_schema = settings_schema,
      .annotation_keys = annotation_keys,
  };

  static Result<std::unique_ptr<Cloudsmith>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    if (const std::string_view note = note_on(*options); !note.empty()) host.log().info(note);
    return std::make_unique<Cloudsmith>(host, std::move(*options));
  }

  Cloudsmith(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<void> serves_registry(std::string_view registry) const override { return require_served(options_, registry); }

  Result<Credentials> get_credentials(const regcred::Request &request) override {
    const Result<Target> target = choose_target(options_, request);
    if (!target) return tl::make_unexpected(target.error());
    const Result<regcred::PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());

    regcred::Exchange exchange(host_, *token,
                               {.name = "Cloudsmith",
                                .asked = asked_words(*target),
                                .host_setting = "settings.apiHost",
                                .refusals = refusals(target->service_slug.has_value())});
    const Result<nlohmann::json> answer = exchange.send(exchange_request(token->text, *target, options_));
    if (!answer) return tl::make_unexpected(answer.error());
    // How long the token lives, only its exp says: about two hours.
    return exchange.credentials(
        *answer, {.password = "token", .fixed_username = options_.username, .expires_in = {}, .scope = target->scope});
  }

 private:
  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace cloudsmith

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<cloudsmith::Cloudsmith>(); }
