// SPDX-License-Identifier: Apache-2.0
// AWS on loopback: STS's AssumeRoleWithWebIdentity and ECR's GetAuthorizationToken, with the checks, status codes and
// bodies that they document. Signatures are verified by code of its own.
#pragma once

#include <httplib.h>

#include <chrono>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/http_server.hpp"
#include "support/certificates.hpp"

namespace regcred::emulator {

// An OIDC provider of IAM.
struct OidcProvider {
  std::string issuer;  // its keys are fetched
  std::vector<std::string> client_ids;
};

// A role, and the conditions of its trust policy on the token's aud and sub.
struct AwsRole {
  std::string arn;
  std::string audience;
  std::string subject;
  bool may_log_in = true;  // ecr:GetAuthorizationToken
};

// One call as the server saw it. Holds no token.
struct AwsCall {
  std::string action;
  int status = 0;
  std::string code;  // of the error
};

// HTTPS with a CA of its own, for localhost. STS and ECR are one server, told apart as AWS's requests are.
class Aws {
 public:
  Aws(std::vector<OidcProvider> providers, std::vector<AwsRole> roles, std::string region);

  [[nodiscard]] std::string endpoint() const { return "https://localhost:" + std::to_string(port_); }
  [[nodiscard]] std::string ca_pem() const { return ca_.pem(); }
  void answer_in_xml_only() { xml_only_ = true; }
  // What its clock shows more than the machine's.
  void set_clock(std::chrono::seconds ahead) { ahead_ = ahead; }

  // To be called where the addresses are: 169.254.169.254 and 169.254.170.23 in a network of one's own, at port 80.
  // IMDSv2 of an instance whose role is the first one.
  void start_metadata(const std::string &address);
  // The EKS Pod Identity agent. The subject of a role is its association, and the token's audience the agent's.
  void start_agent(const std::string &address);

  [[nodiscard]] std::vector<AwsCall> calls();
  // Whose password this is: the role's ARN and the session's name, "ROLE/SESSION". nullopt: nobody's.
  [[nodiscard]] std::optional<std::string> principal_of(const std::string &password);

 private:
  struct Session {
    std::string secret, token, principal;
    bool may_log_in = false;
  };
  struct Refused {
    int status;
    std::string code, message;
  };

  [[nodiscard]] std::int64_t now() const;
  void serve(const httplib::Request &request, httplib::Response &response);
  [[nodiscard]] nlohmann::json assume_role(const httplib::Request &request);
  [[nodiscard]] nlohmann::json new_session(const AwsRole &role, const std::string &name, std::int64_t lifetime_seconds);
  [[nodiscard]] nlohmann::json authorize(const httplib::Request &request);
  [[nodiscard]] const Session &verified_session(const httplib::Request &request);
  void write(const nlohmann::json &credentials, const httplib::Request &request, httplib::Response &response) const;

  std::vector<OidcProvider> providers_;
  std::vector<AwsRole> roles_;
  std::string region_;
  bool xml_only_ = false;
  std::chrono::seconds ahead_{0};
  testing::CertificateAuthority ca_{"regcred emulator's AWS CA"};
  testing::Identity identity_ = ca_.issue({"localhost"});
  TlsServer server_{identity_.certificate.get(), identity_.key.get()};
  int port_ = 0;
  std::optional<PlainServer> metadata_, agent_;
  std::mutex mutex_;
  std::map<std::string, Session> sessions_;       // by key id
  std::map<std::string, std::string> passwords_;  // to the principal
  std::vector<AwsCall> calls_;
};

}  // namespace regcred::emulator
