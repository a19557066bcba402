// SPDX-License-Identifier: Apache-2.0
#include "emulator/google.hpp"

#include <algorithm>
#include <regcred/time.hpp>

#include "common/contains.hpp"
#include "emulator/messages.hpp"
#include "emulator/token_verifier.hpp"

namespace regcred::emulator {
namespace {

using nlohmann::json;

constexpr const char *cloud_platform = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::int64_t token_seconds = 3599;

// RFC 6749, 5.2.
void refuse(httplib::Response &response, int status, const std::string &error, const std::string &description) {
  answer_json(response, status, {{"error", error}, {"error_description", description}});
}

// google.rpc.Status.
void refuse_rpc(httplib::Response &response, int status, const std::string &name) {
  answer_json(response, status, {{"error", {{"code", status}, {"message", "Emulated: " + name}, {"status", name}}}});
}

bool audience_fits(const PoolProvider &provider, const json &claims) {
  std::vector<std::string> allowed = provider.allowed_audiences;
  if (allowed.empty()) allowed = {provider.name, "https:" + provider.name};
  const json &audiences = claims.at("aud");
  if (audiences.is_string()) return core::contains(allowed, audiences.get<std::string>());
  return std::any_of(audiences.begin(), audiences.end(),
                     [&](const json &item) { return core::contains(allowed, item.get<std::string>()); });
}

}  // namespace

Google::Google(std::vector<PoolProvider> providers, ServiceAccounts accounts)
    : providers_(std::move(providers)), accounts_(std::move(accounts)) {
  server_.http().Post("/v1/token", [this](const httplib::Request &request, httplib::Response &response) {
    exchange(request, response);
  });
  server_.http().Post(
      R"(/v1/projects/-/serviceAccounts/([^:/]+):generateAccessToken)",
      [this](const httplib::Request &request, httplib::Response &response) { impersonate(request, response); });
  port_ = server_.start();
}

void Google::exchange(const httplib::Request &request, httplib::Response &response) {
  const auto refused = [&](const char *error, const std::string &description, const std::string &why) {
    refuse(response, 400, error, description);
    note(request, response, why);
  };
  if (request.has_header("Authorization")) return refused("invalid_request", "Bad header", "an Authorization header");
  if (!request.get_header_value("Content-Type").starts_with("application/x-www-form-urlencoded") ||
      request.params.size() != 6) {
    return refused("invalid_request", "Bad form", "not a form of six fields");
  }
  for (const auto &[name, value] :
       {std::pair("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        std::pair("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        std::pair("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"), std::pair("scope", cloud_platform)}) {
    if (only_field(request, name) != value) return refused("invalid_request", std::string("Invalid ") + name, name);
  }
  const std::string audience = only_field(request, "audience");
  if (!audience.starts_with("//iam.googleapis.com/projects/") && !audience.starts_with("identitynamespace:")) {
    return refused("invalid_request",
                   R"(Invalid value for "audience". This value should be the full resource name of the provider.)",
                   audience);
  }
  const auto provider = std::find_if(providers_.begin(), providers_.end(), [&](const PoolProvider &known) {
    return known.name == audience && !known.disabled;
  });
  if (provider == providers_.end()) {
    return refused("invalid_target", R"(The target service indicated by the "audience" parameters is invalid.)",
                   "no such provider");
  }
  json claims;
  try {
    claims = verify_against_issuer(only_field(request, "subject_token"), provider->issuer);
  } catch (const std::exception &error) {
    return refused("invalid_grant", "The subject token is not valid.", error.what());
  }
  if (!audience_fits(*provider, claims)) {
    return refused("invalid_grant", "The audience in ID Token does not match the expected audience.", "audience");
  }
  const std::string subject = claims.at("sub");
  if (!subject.starts_with(provider->subject_start)) {
    return refused("unauthorized_client", "The given credential is rejected by the attribute condition.", "condition");
  }
  answer_json(response, 200,
              {{"access_token", grant({subject, true, unix_now() + token_seconds})},
               {"issued_token_type", "urn:ietf:params:oauth:token-type:access_token"},
               {"token_type", "Bearer"},
               {"expires_in", token_seconds}});
  note(request, response);
}

void Google::impersonate(const httplib::Request &request, httplib::Response &response) {
  const auto refused = [&](int status, const char *name, const char *why) {
    refuse_rpc(response, status, name);
    note(request, response, why);
  };
  const std::string bearer = request.get_header_value("Authorization");
  const std::optional<Grant> by = bearer.starts_with("Bearer ") ? grant_of(bearer.substr(7)) : std::nullopt;
  if (!by) return refused(401, "UNAUTHENTICATED", "no access token");
  const json body = json::parse(request.body, nullptr, false);
  const bool complete = body.is_object() && request.get_header_value("Content-Type").starts_with("application/json") &&
                        body.value("scope", json()) == json{cloud_platform} && body.value("lifetime", "") == "3600s";
  if (!complete) return refused(400, "INVALID_ARGUMENT", "body");
  const std::string email = request.matches[1];
  const auto account = accounts_.find(email);
  if (account == accounts_.end()) return refused(404, "NOT_FOUND", "no such account");
  if (!core::contains(account->second, by->principal)) return refused(403, "PERMISSION_DENIED", "may not impersonate");
  const std::int64_t until = unix_now() + 3600;
  answer_json(response, 200, {{"accessToken", grant({email, false, until})}, {"expireTime", rfc3339_text(until)}});
  note(request, response);
}

void Google::start_metadata(const std::string &address, int port) {
  metadata_.emplace();
  metadata_->http().Get(
      R"(/computeMetadata/v1/instance/service-accounts/default/token)",
      [this](const httplib::Request &request, httplib::Response &response) { metadata(request, response); });
  metadata_->start(address, port);
}

void Google::metadata(const httplib::Request &request, httplib::Response &response) {
  response.set_header("Metadata-Flavor", "Google");
  if (request.get_header_value("Metadata-Flavor") != "Google" || request.has_header("X-Forwarded-For")) {
    response.status = 403;
    return note(request, response, "no Metadata-Flavor, or forwarded");
  }
  answer_json(response, 200,
              {{"access_token", grant({node_account, false, unix_now() + token_seconds})},
               {"expires_in", token_seconds},
               {"token_type", "Bearer"}});
  note(request, response);
}

void Google::note(const httplib::Request &request, const httplib::Response &response, const std::string &why) {
  const std::lock_guard lock(mutex_);
  calls_.push_back({request.path, response.status, why});
}

std::string Google::grant(Grant grant) {
  const std::lock_guard lock(mutex_);
  std::string token = (grant.federated ? "ya29.d.emulated-" : "ya29.c.emulated-") + std::to_string(grants_.size()) +
                      "-0123456789abcdefghijklmnopqrstuvwxyz";
  grants_[token] = std::move(grant);
  return token;
}

std::optional<Google::Grant> Google::grant_of(const std::string &access_token) {
  const std::lock_guard lock(mutex_);
  const auto found = grants_.find(access_token);
  if (found == grants_.end() || found->second.until <= unix_now()) return std::nullopt;
  return found->second;
}

std::vector<GoogleCall> Google::calls() {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::optional<std::string> Google::principal_of(const std::string &access_token) {
  const std::optional<Grant> grant = grant_of(access_token);
  return grant ? std::optional(grant->principal) : std::nullopt;
}

}  // namespace regcred::emulator
