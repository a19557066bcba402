// SPDX-License-Identifier: Apache-2.0
// Cloudsmith on loopback: the exchange, the registry's token realm, and what tests and demo need to steer both. START
// HERE; the tests use this class, main.cpp makes a program of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/api_token.hpp"
#include "emulator/exchange_api.hpp"
#include "emulator/http_server.hpp"
#include "emulator/organisations.hpp"
#include "emulator/token_realm.hpp"
#include "support/certificates.hpp"

namespace regcred::emulator {

// Where it listens, and the names that its certificate is for; the first is the API's.
struct Place {
  std::string address = "127.0.0.1";
  int port = 0;  // 0: any that is free
  std::vector<std::string> names = {"localhost", "127.0.0.1"};
};

// HTTPS with a CA of its own. All state lives as long as the object.
//
// Beside the real paths it serves, for programs that steer it: PUT /emulator/fault with a Fault as JSON, DELETE
// /emulator/fault, GET /emulator/received and GET /emulator/logins.
class Cloudsmith {
 public:
  explicit Cloudsmith(Organisations organisations, Place place = {});

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string api_host() const {
    return place_.names.front() + (port_ == 443 ? "" : ":" + std::to_string(port_));
  }
  [[nodiscard]] std::string realm_url() const { return "https://" + api_host() + "/token"; }
  [[nodiscard]] std::string ca_pem() const { return ca_.pem(); }
  [[nodiscard]] std::string realm_certificate_pem() const { return testing::to_pem(realm_identity_.certificate.get()); }
  // A server certificate for the same names, of the same CA, for the registry beside.
  [[nodiscard]] testing::Identity issue_for_neighbour() const { return ca_.issue(place_.names); }

  void set_fault(Fault fault) { api_.set_fault(std::move(fault)); }
  [[nodiscard]] std::vector<ReceivedExchange> received() { return api_.received(); }
  [[nodiscard]] std::vector<RealmLogin> logins() { return realm_.logins(); }

 private:
  void add_steering();

  Place place_;
  testing::CertificateAuthority ca_{"regcred emulator CA"};
  testing::Identity identity_ = issue_for_neighbour();
  testing::Identity realm_identity_ = ca_.issue({"realm"});
  Organisations organisations_;
  ApiTokens tokens_;
  ExchangeApi api_{organisations_, tokens_};
  TokenRealm realm_{organisations_, tokens_, realm_identity_};
  TlsServer server_{identity_.certificate.get(), identity_.key.get()};
  int port_ = 0;
};

}  // namespace regcred::emulator
