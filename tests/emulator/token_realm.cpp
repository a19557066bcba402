// SPDX-License-Identifier: Apache-2.0
#include "emulator/token_realm.hpp"

#include <algorithm>
#include <optional>
#include <regcred/base64.hpp>

#include "emulator/jwt.hpp"
#include "emulator/keys.hpp"
#include "emulator/messages.hpp"

namespace regcred::emulator {
namespace {

constexpr std::int64_t lifetime_seconds = 300;

std::vector<std::string> words_of(const std::string &text, char separator) {
  std::vector<std::string> parts = split(text, separator);
  std::erase(parts, "");
  return parts;
}

// RFC 7617: "Basic base64(user:password)".
std::optional<std::pair<std::string, std::string>> basic_credentials(const httplib::Request &request) {
  const std::string header = request.get_header_value("Authorization");
  if (!header.starts_with("Basic ")) return std::nullopt;
  const std::optional<std::string> text = base64_decode(header.substr(6));
  const std::size_t colon = text ? text->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return std::pair(text->substr(0, colon), text->substr(colon + 1));
}

// "repository:acme/repo/app:pull,push" taken apart.
struct Scope {
  std::string name;
  std::vector<std::string> actions;
};
std::optional<Scope> read_scope(const std::string &text) {
  const std::size_t first = text.find(':');
  const std::size_t last = text.rfind(':');
  if (text.substr(0, first) != "repository" || first == last) return std::nullopt;
  return Scope{text.substr(first + 1, last - first - 1), words_of(text.substr(last + 1), ',')};
}

std::string joined(const std::vector<std::string> &parts) {
  std::string text;
  for (const std::string &part : parts) text += (text.empty() ? "" : " ") + part;
  return text;
}

}  // namespace

void TokenRealm::add_to(httplib::Server &server) {
  server.Get("/token", [this](const httplib::Request &request, httplib::Response &response) {
    Login login;
    if (const auto credentials = basic_credentials(request)) std::tie(login.username, login.password) = *credentials;
    login.service = request.get_param_value("service");
    for (std::size_t i = 0; i < request.get_param_value_count("scope"); ++i) {
      login.scopes.push_back(request.get_param_value("scope", i));
    }
    answer(login, response);
  });
  server.Post("/token", [this](const httplib::Request &request, httplib::Response &response) {
    answer({request.get_param_value("username"), request.get_param_value("password"),
            request.get_param_value("service"), words_of(request.get_param_value("scope"), ' ')},
           response);
  });
}

std::vector<RealmLogin> TokenRealm::logins() {
  const std::lock_guard lock(mutex_);
  return logins_;
}

nlohmann::json TokenRealm::access_for(const Login &login, std::string &who) const {
  const auto publisher = organisations_.publishers.find(login.username);
  const bool may_push = publisher != organisations_.publishers.end() && publisher->second == login.password;
  const std::optional<ApiIdentity> identity = may_push ? std::nullopt : tokens_.verify(login.password);
  if (may_push) who = login.username;
  if (identity) who = identity->org + "/" + identity->service;

  std::vector<std::string> repositories;  // "org/repo"
  if (identity) {
    for (const std::string &repository : organisations_.by_slug.at(identity->org).services.at(identity->service)) {
      repositories.push_back(identity->org + "/" + repository);
    }
  }
  nlohmann::json access = nlohmann::json::array();
  for (const std::string &text : login.scopes) {
    const std::optional<Scope> scope = read_scope(text);
    if (!scope) continue;
    const bool may_pull =
        std::any_of(repositories.begin(), repositories.end(),
                    [&scope](const std::string &repository) { return scope->name.starts_with(repository + "/"); });
    std::vector<std::string> actions = may_push ? scope->actions : std::vector<std::string>{};
    if (may_pull) actions = {"pull"};
    access.push_back({{"type", "repository"}, {"name", scope->name}, {"actions", actions}});
  }
  return access;
}

void TokenRealm::answer(const Login &login, httplib::Response &response) {
  std::string who;
  const nlohmann::json access = access_for(login, who);
  {
    const std::lock_guard lock(mutex_);
    logins_.push_back({who, joined(login.scopes)});
  }
  if (who.empty()) {
    response.status = 401;
    response.set_content(R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})",
                         "application/json");
    return;
  }
  const std::int64_t now = unix_now();
  const std::string token =
      sign_jwt({{"iss", issuer},
                {"sub", who},
                {"aud", login.service},
                {"iat", now},
                {"nbf", now - 10},
                {"exp", now + lifetime_seconds},
                {"jti", std::to_string(now) + "-" + std::to_string(logins_.size())},
                {"access", access}},
               "ES256", testing::to_pem(identity_.key.get()), libtrust_key_id(identity_.key.get()));
  response.set_content(
      nlohmann::json{{"token", token}, {"access_token", token}, {"expires_in", lifetime_seconds}}.dump(),
      "application/json");
}

}  // namespace regcred::emulator
