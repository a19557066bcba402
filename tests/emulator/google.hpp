// SPDX-License-Identifier: Apache-2.0
// Google on loopback: the Security Token Service, the IAM Service Account Credentials API, and a node's metadata
// server, with the checks, status codes and bodies that they document.
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

// A provider of a workload identity pool.
struct PoolProvider {
  std::string name;    // //iam.googleapis.com/projects/..., or identitynamespace:...; what a request's `audience` names
  std::string issuer;  // equal to the token's iss; its keys are fetched
  std::vector<std::string> allowed_audiences = {};  // of the token; empty: `name`, also behind "https:"
  std::string subject_start = {};                   // attribute condition: assertion.sub.startsWith("...")
  bool disabled = false;
};

// Service accounts: email to the subjects that have roles/iam.workloadIdentityUser on it.
using ServiceAccounts = std::map<std::string, std::vector<std::string>>;

// One call as the server saw it. Holds no token.
struct GoogleCall {
  std::string path;
  int status = 0;
  std::string why_refused;  // for the tests; the client gets the documented text only
};

// HTTPS with a CA of its own, for localhost; the metadata server is plain HTTP.
class Google {
 public:
  static constexpr const char *node_account = "node@acme.iam.gserviceaccount.com";

  Google(std::vector<PoolProvider> providers, ServiceAccounts accounts);

  [[nodiscard]] std::string endpoint() const { return "https://localhost:" + std::to_string(port_); }
  [[nodiscard]] std::string ca_pem() const { return ca_.pem(); }
  // To be called where the address is: 169.254.169.254 in a network of one's own.
  void start_metadata(const std::string &address, int port);

  [[nodiscard]] std::vector<GoogleCall> calls();
  // Whose access token this is, as Artifact Registry would see it: a subject or a service account. nullopt: nobody's,
  // or over.
  [[nodiscard]] std::optional<std::string> principal_of(const std::string &access_token);

 private:
  struct Grant {
    std::string principal;
    bool federated = false;
    std::int64_t until = 0;
  };

  void exchange(const httplib::Request &request, httplib::Response &response);
  void impersonate(const httplib::Request &request, httplib::Response &response);
  void metadata(const httplib::Request &request, httplib::Response &response);
  void note(const httplib::Request &request, const httplib::Response &response, const std::string &why = {});
  std::string grant(Grant grant);
  std::optional<Grant> grant_of(const std::string &access_token);

  std::vector<PoolProvider> providers_;
  ServiceAccounts accounts_;
  std::mutex mutex_;
  std::map<std::string, Grant> grants_;
  std::vector<GoogleCall> calls_;
  testing::CertificateAuthority ca_{"emulated Google CA"};
  testing::Identity identity_ = ca_.issue({"localhost"});
  TlsServer server_{identity_.certificate.get(), identity_.key.get()};
  std::optional<PlainServer> metadata_;
  int port_ = 0;
};

}  // namespace regcred::emulator
