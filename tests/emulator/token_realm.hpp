// SPDX-License-Identifier: Apache-2.0
// The Docker token realm: what a registry sends clients to when it answers 401 (distribution specification, token
// authentication). It gives a token for what the credential may do.
#pragma once

#include <httplib.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/api_token.hpp"
#include "emulator/organisations.hpp"
#include "support/certificates.hpp"

namespace regcred::emulator {

// One token given or refused.
struct RealmLogin {
  std::string who;    // "org/service", a publisher's name, or "" when refused
  std::string scope;  // as asked
};

class TokenRealm {
 public:
  static constexpr const char *issuer = "regcred-emulator";

  // Refers to all of them; `identity` signs, and its certificate is the registry's rootcertbundle.
  TokenRealm(const Organisations &organisations, const ApiTokens &tokens, const testing::Identity &identity)
      : organisations_(organisations), tokens_(tokens), identity_(identity) {}

  // GET with Basic credentials and POST in the OAuth form, both at /token.
  void add_to(httplib::Server &server);

  [[nodiscard]] std::vector<RealmLogin> logins();

 private:
  struct Login {
    std::string username;
    std::string password;
    std::string service;
    std::vector<std::string> scopes;  // "repository:acme/repo/app:pull,push"
  };
  void answer(const Login &login, httplib::Response &response);
  // Which of the asked actions this login may do; `who` gets its name.
  [[nodiscard]] nlohmann::json access_for(const Login &login, std::string &who) const;

  const Organisations &organisations_;
  const ApiTokens &tokens_;
  const testing::Identity &identity_;
  std::mutex mutex_;
  std::vector<RealmLogin> logins_;
};

}  // namespace regcred::emulator
