// The Cloudsmith backend: the pod's token goes to POST https://{apiHost}/openid/{org}/, an API token comes back and is
// the registry's password. START HERE: this file is the whole course of one request.
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <regcred/backend.hpp>
#include <regcred/http.hpp>
#include <regcred/jwt.hpp>
#include <regcred/text.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "credential.hpp"
#include "failures.hpp"
#include "options.hpp"
#include "target.hpp"

namespace cloudsmith {
namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::failure;
using regcred::HttpRequest;
using regcred::HttpResponse;
using regcred::Result;

constexpr std::array<std::string_view, 3> annotation_keys = {service_annotation, org_annotation, api_host_annotation};

// The claims, when `token` is a compact JWT. Its three parts are base64url, so it needs no escaping in JSON.
Result<regcred::UnverifiedClaims> claims_of(std::string_view token) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  if (token.empty()) {
    return failure(Code::bad_request,
                   "the kubelet sent no service account token; set tokenAttributes in its CredentialProviderConfig "
                   "(Kubernetes 1.33 or later), and serviceAccountToken: required in this entry");
  }
  std::optional<regcred::UnverifiedClaims> claims;
  if (token.find_first_not_of(alphabet) == std::string_view::npos) claims = regcred::read_unverified_claims(token);
  if (!claims) {
    return failure(
        Code::bad_request,
        "the service account token is no JWT (three base64url parts with dots); a kubelet sends one, so check "
        "who started this program");
  }
  return std::move(*claims);
}

// {"oidc_token":"...","service_slug":"..."}. Written by hand into one buffer: a JSON library would leave copies of the
// token behind, and neither value holds a character that JSON escapes.
regcred::Secret exchange_body(std::string_view token, const Target &target) {
  std::string json;
  json.reserve(token.size() + 256);
  json += R"({"oidc_token":")";
  json += token;
  if (target.service_slug) {
    json += R"(","service_slug":")";
    json += *target.service_slug;
  }
  json += R"("})";
  regcred::Secret body(json);
  regcred::wipe(json);
  return body;
}

HttpRequest exchange_request(std::string_view token, const Target &target, const Options &options) {
  HttpRequest request;
  request.method = "POST";
  request.url = exchange_url(target);
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.headers.insert(request.headers.end(), options.headers.begin(), options.headers.end());
  request.body = exchange_body(token, target);
  return request;
}

class Cloudsmith final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "cloudsmith",
      .version = "0.1.0",
      .token = regcred::TokenNeed::required,
      .settings_schema = settings_schema,
      .annotation_keys = annotation_keys,
  };

  static Result<std::unique_ptr<Cloudsmith>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    return std::make_unique<Cloudsmith>(host, std::move(*options));
  }

  Cloudsmith(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<Credentials> get_credentials(const regcred::Request &request) override {
    const Result<Target> target = choose_target(options_, request);
    if (!target) return tl::make_unexpected(target.error());
    const std::string_view token = request.service_account_token();
    const Result<regcred::UnverifiedClaims> claims = claims_of(token);
    if (!claims) return tl::make_unexpected(claims.error());

    const Result<HttpResponse> response = regcred::Http(host_).send(exchange_request(token, *target, options_));
    const Exchange exchange{*target, *claims, host_.clock().unix_now()};
    if (!response) return tl::make_unexpected(not_reached(response.error(), exchange));
    log_rate_limit(*response);
    return read_credential(*response, options_.username, exchange);
  }

 private:
  // How near the address is to being throttled.
  void log_rate_limit(const HttpResponse &response) const {
    const regcred::Log log = host_.log();
    if (!log.enabled(regcred::LogLevel::debug)) return;
    std::string line = "Cloudsmith's rate limit:";
    for (const char *name :
         {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-interval"}) {
      // Digits and a dot are all that a server can put into the log here.
      const std::string_view value = response.header(name);
      const bool number = value.size() <= 16 && value.find_first_not_of("0123456789.") == std::string_view::npos;
      line += std::string(" ") + name + "=" + (value.empty() ? "none" : number ? std::string(value) : "not a number");
    }
    log.debug(line);
  }

  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace cloudsmith

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<cloudsmith::Cloudsmith>(); }
