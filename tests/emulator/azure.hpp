// SPDX-License-Identifier: Apache-2.0
// Azure on loopback: Entra's token endpoint, the token exchange of container registries, and a node's metadata service,
// with the checks, status codes and bodies that they document.
#pragma once

#include <httplib.h>

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/http_server.hpp"
#include "support/certificates.hpp"

namespace regcred::emulator {

// Of an app registration or a managed identity: all three must be those of the token, letter by letter.
struct FederatedCredential {
  std::string issuer;
  std::string subject;
  std::string audience = "api://AzureADTokenExchange";
};

struct EntraClient {
  std::string tenant;
  std::vector<FederatedCredential> credentials;
};

struct Registry {
  std::string tenant;                // whose tokens it takes
  std::vector<std::string> clients;  // that have the role AcrPull
  bool network_closed = false;       // its network rules refuse the node
};

// One call as the server saw it. Holds no token.
struct AzureCall {
  std::string path;
  int status = 0;
  std::string why_refused;  // for the tests; the client gets the documented text only
};

// HTTPS with a CA of its own, for localhost: Entra and the registries together. Metadata is plain HTTP.
class Azure {
 public:
  // `clients` by client id, `registries` by login server.
  Azure(std::map<std::string, EntraClient> clients, std::map<std::string, Registry> registries);

  [[nodiscard]] std::string host() const { return "localhost:" + std::to_string(port_); }
  [[nodiscard]] std::string ca_pem() const { return ca_.pem(); }
  // The client that is assigned to the node. To be called where the address is: 169.254.169.254 in a network of one's
  // own.
  void start_metadata(const std::string &client, const std::string &address, int port);

  [[nodiscard]] std::vector<AzureCall> calls();
  // Whose refresh token this is at the registry `service`: a client. nullopt: nobody's, another registry's, or over.
  [[nodiscard]] std::optional<std::string> login(const std::string &service, const std::string &refresh_token) const;

 private:
  void entra(const httplib::Request &request, httplib::Response &response);
  void exchange(const httplib::Request &request, httplib::Response &response);
  void metadata(const std::string &client, const httplib::Request &request, httplib::Response &response);
  [[nodiscard]] std::string access_token(const std::string &tenant, const std::string &client,
                                         const std::string &audience) const;
  void note(const httplib::Request &request, const httplib::Response &response, const std::string &why = {});

  std::map<std::string, EntraClient> clients_;
  std::map<std::string, Registry> registries_;
  std::mutex mutex_;
  std::vector<AzureCall> calls_;
  testing::KeyPtr entra_key_;
  testing::KeyPtr registry_key_;
  testing::CertificateAuthority ca_{"emulated Azure CA"};
  testing::Identity identity_ = ca_.issue({"localhost"});
  TlsServer server_{identity_.certificate.get(), identity_.key.get()};
  std::optional<PlainServer> metadata_;
  int port_ = 0;
};

}  // namespace regcred::emulator
