// SPDX-License-Identifier: Apache-2.0
#include "emulator/exchange_api.hpp"

#include <algorithm>
#include <chrono>

#include "emulator/jwt.hpp"
#include "emulator/token_verifier.hpp"

namespace regcred::emulator {
namespace {

void answer_detail(httplib::Response &response, int status, const std::string &detail) {
  response.status = status;
  response.set_content(nlohmann::json{{"detail", detail}}.dump(), "application/json");
}

// The setting of this organisation whose issuer made the token and whose claims are all there; null when there is none,
// with the last reason in `why`, which only the emulator's operator gets to see.
const OidcSetting *setting_for(const Organisation &organisation, const std::string &token, nlohmann::json &claims,
                               std::string &why) {
  for (const OidcSetting &setting : organisation.oidc) {
    try {
      claims = verify_against_issuer(token, setting.provider_url);
    } catch (const std::exception &error) {
      why = error.what();
      continue;
    }
    if (claims_match(setting, claims)) return &setting;
    why = "a claim is missing or has another value";
  }
  return nullptr;
}

std::string text_member(const nlohmann::json &body, const char *name) {
  const auto found = body.find(name);
  return found != body.end() && found->is_string() ? found->get<std::string>() : "";
}

// Every answer of Cloudsmith carries these.
void add_rate_limit(httplib::Response &response, std::size_t used) {
  response.set_header("X-RateLimit-Limit", "1800");
  response.set_header("X-RateLimit-Remaining", std::to_string(used < 1800 ? 1800 - used : 0));
  response.set_header("X-RateLimit-Reset", std::to_string(std::time(nullptr) + 3600));
  response.set_header("X-RateLimit-Interval", "2.0");
}

}  // namespace

void ExchangeApi::add_to(httplib::Server &server) {
  server.Post(R"(/openid/([^/]+)/)",
              [this](const httplib::Request &request, httplib::Response &response) { answer(request, response); });
}

void ExchangeApi::set_fault(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = std::move(fault);
}

std::vector<ReceivedExchange> ExchangeApi::received() {
  const std::lock_guard lock(mutex_);
  return received_;
}

Fault ExchangeApi::next_fault() {
  const std::lock_guard lock(mutex_);
  if (fault_.times == 0) return {};
  if (fault_.times > 0) --fault_.times;
  return fault_;
}

void ExchangeApi::answer(const httplib::Request &request, httplib::Response &response) {
  ReceivedExchange seen;
  seen.org = request.matches[1];
  seen.headers = {request.headers.begin(), request.headers.end()};
  const Fault fault = next_fault();
  if (!misbehave(fault, response)) {
    const std::chrono::seconds lifetime(fault.token_lifetime.value_or(ApiTokens::default_lifetime.count()));
    exchange(request, lifetime, seen, response);
  }
  seen.status = response.status;
  const std::lock_guard lock(mutex_);
  received_.push_back(std::move(seen));
  add_rate_limit(response, received_.size());
}

void ExchangeApi::exchange(const httplib::Request &request, std::chrono::seconds lifetime, ReceivedExchange &seen,
                           httplib::Response &response) const {
  const nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
  const std::string token = body.is_object() ? text_member(body, "oidc_token") : "";
  if (const std::string slug = body.is_object() ? text_member(body, "service_slug") : ""; !slug.empty()) {
    seen.service_slug = slug;
  }
  if (token.empty()) return answer_detail(response, 422, "Missing or invalid parameters.");
  const auto organisation = organisations_.by_slug.find(seen.org);
  if (organisation == organisations_.by_slug.end()) return answer_detail(response, 404, "Not found.");

  try {
    seen.claims = read_jwt(token).claims;
  } catch (const std::exception &) {
    return answer_detail(response, 401, "OIDC token cannot be authenticated.");
  }
  nlohmann::json claims;
  const OidcSetting *const setting = setting_for(organisation->second, token, claims, seen.why_refused);
  if (setting == nullptr) return answer_detail(response, 401, "OIDC token cannot be authenticated.");
  if (!seen.service_slug && setting->mapping_claim.empty()) {
    return answer_detail(response, 422, "Missing or invalid parameters.");
  }
  const std::optional<std::string> service = service_for(*setting, seen.service_slug, claims);
  if (!service || !organisation->second.services.contains(*service)) {
    return answer_detail(response, 400, "JWT cannot be created.");
  }
  response.status = 201;
  response.set_content(nlohmann::json{{"token", tokens_.issue({seen.org, *service}, lifetime)}}.dump(),
                       "application/json");
}

}  // namespace regcred::emulator
