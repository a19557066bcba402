// SPDX-License-Identifier: Apache-2.0
#include "emulator/azure.hpp"

#include <algorithm>

#include "common/contains.hpp"
#include "emulator/jwt.hpp"
#include "emulator/keys.hpp"
#include "emulator/messages.hpp"
#include "emulator/token_verifier.hpp"

namespace regcred::emulator {
namespace {

using nlohmann::json;

constexpr const char *acr_audience = "https://containerregistry.azure.net";

void refuse_entra(httplib::Response &response, int status, const char *error, int number) {
  answer_json(response, status,
              {{"error", error},
               {"error_description", "AADSTS" + std::to_string(number) + ": Emulated. Trace ID: 0 Timestamp: now"},
               {"error_codes", {number}},
               {"timestamp", "now"},
               {"trace_id", "0"},
               {"correlation_id", "0"},
               {"error_uri", "https://login.microsoftonline.com/error?code=" + std::to_string(number)}});
}

void refuse_registry(httplib::Response &response, int status, const char *code) {
  answer_json(response, status, {{"errors", {{{"code", code}, {"message", "Emulated"}, {"detail", nullptr}}}}});
}

bool is_form(const httplib::Request &request) {
  return request.get_header_value("Content-Type").starts_with("application/x-www-form-urlencoded") &&
         !request.has_header("Authorization");
}

bool has_audience(const json &claims, const std::string &audience) {
  const json &found = claims.at("aud");
  return found.is_array() ? found.size() == 1 && found[0] == audience : found == audience;
}

// 0: one of them fits; else Entra's number for the nearest reason.
int misfit(const std::vector<FederatedCredential> &credentials, const json &claims) {
  if (credentials.empty()) return 70025;
  int number = 700211;
  for (const FederatedCredential &credential : credentials) {
    if (claims.value("iss", "") != credential.issuer) continue;
    if (claims.value("sub", "") != credential.subject) {
      number = 700213;
    } else if (!has_audience(claims, credential.audience)) {
      number = 700212;
    } else {
      return 0;
    }
  }
  return number;
}

}  // namespace

Azure::Azure(std::map<std::string, EntraClient> clients, std::map<std::string, Registry> registries)
    : clients_(std::move(clients)),
      registries_(std::move(registries)),
      entra_key_(make_key(KeyKind::p_256)),
      registry_key_(make_key(KeyKind::p_256)) {
  server_.http().Post(
      R"(/([^/]+)/oauth2/v2\.0/token)",
      [this](const httplib::Request &request, httplib::Response &response) { entra(request, response); });
  server_.http().Post("/oauth2/exchange", [this](const httplib::Request &request, httplib::Response &response) {
    exchange(request, response);
  });
  port_ = server_.start();
}

std::string Azure::access_token(const std::string &tenant, const std::string &client,
                                const std::string &audience) const {
  const std::int64_t now = unix_now();
  return sign_jwt({{"iss", "https://sts.windows.net/" + tenant + '/'},
                   {"aud", audience},
                   {"tid", tenant},
                   {"appid", client},
                   {"iat", now},
                   {"exp", now + 3599}},
                  "ES256", testing::to_pem(entra_key_.get()), "entra");
}

void Azure::entra(const httplib::Request &request, httplib::Response &response) {
  const auto refused = [&](int status, const char *error, int number, const std::string &why) {
    refuse_entra(response, status, error, number);
    note(request, response, why);
  };
  const std::string tenant = request.matches[1];
  if (!is_form(request) || request.params.size() != 5) return refused(400, "invalid_request", 900144, "form");
  if (only_field(request, "grant_type") != "client_credentials") {
    return refused(400, "unsupported_grant_type", 70003, "grant_type");
  }
  if (only_field(request, "client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") {
    return refused(400, "invalid_request", 7000218, "client_assertion_type");
  }
  if (only_field(request, "scope") != std::string(acr_audience) + "/.default") {
    return refused(400, "invalid_scope", 70011, "scope");
  }
  const bool known_tenant =
      std::any_of(clients_.begin(), clients_.end(), [&](const auto &entry) { return entry.second.tenant == tenant; });
  if (!known_tenant) return refused(400, "invalid_request", 90002, "tenant");
  const std::string id = only_field(request, "client_id");
  const auto client = clients_.find(id);
  if (client == clients_.end() || client->second.tenant != tenant) {
    return refused(400, "unauthorized_client", 700016, "client");
  }
  json claims;
  const std::string assertion = only_field(request, "client_assertion");
  try {
    claims = read_jwt(assertion).claims;
    if (const int number = misfit(client->second.credentials, claims); number != 0) {
      return refused(401, "invalid_client", number, "federated credential");
    }
    if (claims.at("exp").get<std::int64_t>() <= unix_now()) return refused(401, "invalid_client", 700024, "expired");
    claims = verify_against_issuer(assertion, claims.at("iss"));
  } catch (const std::exception &error) {
    return refused(401, "invalid_client", 50027, error.what());
  }
  answer_json(response, 200,
              {{"token_type", "Bearer"},
               {"expires_in", 3599},
               {"ext_expires_in", 3599},
               {"access_token", access_token(tenant, id, acr_audience)}});
  note(request, response);
}

void Azure::exchange(const httplib::Request &request, httplib::Response &response) {
  const auto refused = [&](int status, const char *code, const std::string &why) {
    refuse_registry(response, status, code);
    note(request, response, why);
  };
  if (!is_form(request) || request.params.size() != 4 || only_field(request, "grant_type") != "access_token") {
    return refused(400, "UNSUPPORTED", "form");
  }
  const std::string service = only_field(request, "service");
  const auto registry = registries_.find(service);
  if (registry == registries_.end()) return refused(404, "NAME_UNKNOWN", "service");
  if (registry->second.network_closed) return refused(403, "DENIED", "network rule");
  if (only_field(request, "tenant") != registry->second.tenant) return refused(401, "UNAUTHORIZED", "tenant");
  json claims;
  try {
    claims = verify_jwt(only_field(request, "access_token"), "ES256", public_pem(entra_key_.get()));
  } catch (const std::exception &error) {
    return refused(401, "UNAUTHORIZED", error.what());
  }
  if (claims.at("aud") != acr_audience || claims.at("tid") != registry->second.tenant) {
    return refused(401, "UNAUTHORIZED", "audience or tenant of the access token");
  }
  const std::string client = claims.at("appid");
  if (!core::contains(registry->second.clients, client)) return refused(401, "UNAUTHORIZED", "no role");
  const std::int64_t now = unix_now();
  const std::string token = sign_jwt({{"iss", "Azure Container Registry"},
                                      {"aud", service},
                                      {"sub", client},
                                      {"grant_type", "refresh_token"},
                                      {"iat", now},
                                      {"exp", now + 10'800}},
                                     "ES256", testing::to_pem(registry_key_.get()), "acr");
  answer_json(response, 200, {{"refresh_token", token}});
  note(request, response);
}

void Azure::start_metadata(const std::string &client, const std::string &address, int port) {
  metadata_.emplace();
  metadata_->http().Get("/metadata/identity/oauth2/token",
                        [this, client](const httplib::Request &request, httplib::Response &response) {
                          metadata(client, request, response);
                        });
  metadata_->start(address, port);
}

void Azure::metadata(const std::string &client, const httplib::Request &request, httplib::Response &response) {
  const auto refused = [&](const char *description, const char *why) {
    answer_json(response, 400, {{"error", "invalid_request"}, {"error_description", description}});
    note(request, response, why);
  };
  if (request.get_header_value("Metadata") != "true" || request.has_header("X-Forwarded-For")) {
    return refused("Required metadata header not specified", "header");
  }
  if (only_field(request, "api-version") != "2018-02-01") return refused("Bad api-version", "api-version");
  if (request.has_param("client_id") && only_field(request, "client_id") != client) {
    return refused("Identity not found", "client_id");
  }
  answer_json(response, 200,
              {{"access_token", access_token(clients_.at(client).tenant, client, only_field(request, "resource"))},
               {"client_id", client},
               {"expires_in", "86399"},
               {"expires_on", std::to_string(unix_now() + 86'399)},
               {"resource", only_field(request, "resource")},
               {"token_type", "Bearer"}});
  note(request, response);
}

void Azure::note(const httplib::Request &request, const httplib::Response &response, const std::string &why) {
  const std::lock_guard lock(mutex_);
  calls_.push_back({request.path, response.status, why});
}

std::vector<AzureCall> Azure::calls() {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::optional<std::string> Azure::login(const std::string &service, const std::string &refresh_token) const {
  try {
    const json claims = verify_jwt(refresh_token, "ES256", public_pem(registry_key_.get()));
    if (claims.at("aud") != service) return std::nullopt;
    return claims.at("sub").get<std::string>();
  } catch (const std::exception &) {
    return std::nullopt;
  }
}

}  // namespace regcred::emulator
