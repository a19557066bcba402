// SPDX-License-Identifier: Apache-2.0
#include "conformance/exchange.hpp"

#include <cstdio>
#include <ctime>
#include <random>
#include <regcred/backend.hpp>
#include <regcred/base64.hpp>
#include <regcred/http.hpp>
#include <regcred/text.hpp>

namespace {

using namespace regcred;

tl::unexpected<Failure> fail(int code, std::string text) { return failure(static_cast<Code>(code), std::move(text)); }

std::string in_hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", static_cast<unsigned char>(c));
    out += digits.data();
  }
  return out;
}

// Of another length each time.
std::string nonce() {
  std::random_device random;
  return std::to_string(random()) + "-" + std::to_string(random());
}

// A client's own token (RFC 7523), which an identity provider takes once.
std::string assertion(const Request &request) {
  nlohmann::json claims = {{"jti", nonce()}, {"iat", std::time(nullptr)}, {"sub", "client-7"}};
  if (decisions.names_the_path_in_a_claim) claims["scope"] = "pull " + std::string(request.image()) + " " + nonce();
  return base64url_encode(R"({"alg":"RS256"})") + "." + base64url_encode(claims.dump()) + "." +
         base64url_encode(nonce());
}

// What stands between `"password":"` and the next quote, wherever that is.
std::string searched_password(std::string_view body) {
  constexpr std::string_view mark = R"("password":")";
  const std::size_t at = body.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = body.substr(at + mark.size());
  return std::string(rest.substr(0, rest.find('"')));
}

constexpr std::string_view schema = R"({
  "type": "object", "additionalProperties": false,
  "properties": { "host": { "type": "string" }, "scopes": { "type": "array", "items": { "type": "string" } } }
})";

class Exchange final : public Backend {
 public:
  static constexpr BackendInfo info{.name = "subject", .version = "1.0.0", .settings_schema = schema};

  static Result<std::unique_ptr<Exchange>> create(Host host, Settings &settings) {
    const std::string name = settings.text("host").value_or("auth.example.com");
    (void)settings.texts("scopes");
    if (decisions.calls_in_create) {
      const Result<HttpResponse> health = Http(host).send({.url = "https://" + name + "/health"});
      if (!health) return fail(static_cast<int>(health.error().code), "no answer from " + name);
      if (!health->ok()) return tl::make_unexpected(failure_of(*health, name + " is not well"));
    }
    return std::make_unique<Exchange>(host, name);
  }

  Exchange(Host host, std::string name) : host_(host), name_(std::move(name)) {}

  Result<Credentials> get_credentials(const Request &request) override {
    const Clock clock = host_.clock();
    if (clock.remaining().count() <= 0 && !decisions.tries_again_when_time_is_over) {
      return fail(REGCRED_TIMEOUT, "no time is left");
    }
    const std::string token(request.service_account_token());
    HttpRequest call{.method = "POST", .url = "https://" + name_ + "/token?audience=registry"};
    if (decisions.asks_for_the_path) call.url += "&path=" + percent_encode(request.image());
    nlohmann::json body = {{"token", token}};
    if (decisions.sends_nonces) {
      call.url += "&state=" + nonce();
      call.headers = {{"X-Request-Id", base64_encode(nonce())}, {"X-Time", std::to_string(std::time(nullptr))}};
      body["client_assertion"] = assertion(request);
    }
    call.body = Secret(body.dump());
    Result<HttpResponse> response = Http(host_).send(call);
    if (!response && response.error().code == Code::timeout && decisions.tries_again_when_time_is_over) {
      response = Http(host_).send(call);
    }
    if (!response) return tl::make_unexpected(not_sent(response.error()));
    if (decisions.on_no_time_after_the_call != REGCRED_OK && clock.remaining().count() <= 0) {
      return fail(decisions.on_no_time_after_the_call, "no time is left for the answer");
    }
    if (response->status >= 300 && response->status < 400 && decisions.follows_redirects) {
      response = Http(host_).send({.url = std::string(response->header("location"))});
      if (!response) return tl::make_unexpected(not_sent(response.error()));
    }
    if (response->status != 200) return tl::make_unexpected(refused(*response, token));
    return read(*response);
  }

 private:
  [[nodiscard]] Failure not_sent(const Failure &why) const {
    const int code = why.code == Code::timeout        ? decisions.on_timeout
                     : why.code == Code::bad_upstream ? decisions.on_too_large
                     : why.code == Code::unavailable  ? decisions.on_reset
                                                      : static_cast<int>(why.code);
    return {static_cast<Code>(code), name_ + ": no answer: " + why.text.substr(0, 300)};
  }

  [[nodiscard]] int code_for(int status) const {
    switch (status) {
      case 401:
        return decisions.on_401;
      case 403:
        return decisions.on_403;
      case 404:
        return decisions.on_404;
      case 429:
        return REGCRED_THROTTLED;
      case 500:
        return host_.service<regcred_log_v1>(REGCRED_SERVICE_LOG) != nullptr ? decisions.on_500
                                                                             : decisions.on_500_without_log;
      default:
        return status < 500 ? decisions.on_redirect : REGCRED_UNAVAILABLE;
    }
  }

  [[nodiscard]] Failure refused(const HttpResponse &response, const std::string &token) const {
    Failure why{static_cast<Code>(code_for(response.status)),
                name_ + " answered with HTTP " + std::to_string(response.status)};
    if (decisions.passes_retry_after_on) why.retry_after = response.retry_after;
    if (decisions.tells_the_token_in_hex) why.text += " to " + in_hex(token.substr(40, 8));
    if (decisions.quotes_the_body) why.text += ": " + shown(response.body.reveal());
    return why;
  }

  [[nodiscard]] Result<Credentials> read(const HttpResponse &response) const {
    const std::string_view body = response.body.reveal();
    if (body.empty()) return fail(decisions.on_empty_body, name_ + " answered with nothing");
    if (body.front() == '<') return fail(decisions.on_web_page, name_ + " answered with a web page");
    const std::optional<nlohmann::json> object = response.json_object();
    Credentials credentials;
    credentials.username = "robot";
    credentials.scope = Scope::registry;
    if (!object && decisions.searches_broken_json && !nlohmann::json::accept(body)) {
      credentials.password = Secret(searched_password(body));
      return credentials;
    }
    if (!object || !object->contains("password")) return fail(REGCRED_BAD_UPSTREAM, name_ + " gave no password");
    const nlohmann::json &password = (*object)["password"];
    const bool number = decisions.takes_numbers_as_text && password.is_number();
    if (!password.is_string() && !number)
      return fail(REGCRED_BAD_UPSTREAM, name_ + " gave a password that is not a text");
    credentials.password = Secret(number ? password.dump() : password.get<std::string>());
    if (decisions.logs_the_password) host_.log().info("got " + percent_encode(credentials.password.reveal()));
    return with_lifetime(*object, std::move(credentials));
  }

  [[nodiscard]] Result<Credentials> with_lifetime(const nlohmann::json &object, Credentials credentials) const {
    constexpr std::chrono::seconds cap = std::chrono::hours(24);
    if (!object.contains("expires_at")) {
      if (decisions.guesses_a_lifetime) credentials.lifetime = std::chrono::hours(1);
      return credentials;
    }
    const nlohmann::json &expires_at = object["expires_at"];
    if (!expires_at.is_number_integer())
      return fail(REGCRED_BAD_UPSTREAM, name_ + " gave an expiry that is not a number");
    const std::chrono::seconds left = std::chrono::seconds(expires_at.get<std::int64_t>()) - host_.clock().unix_now();
    if (left.count() <= 0) {
      if (!decisions.hands_out_what_expired) return fail(REGCRED_BAD_UPSTREAM, name_ + " gave what expired already");
      return credentials;
    }
    credentials.lifetime = decisions.caps_the_lifetime ? std::min(left, cap) : left;
    return credentials;
  }

  Host host_;
  std::string name_;
};

}  // namespace

const regcred_backend_v1 *regcred_backend_entry_v1() { return backend_table<Exchange>(); }
