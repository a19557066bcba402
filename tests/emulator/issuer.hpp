// An OpenID Connect issuer as a Kubernetes cluster is one: discovery document and JWKS over HTTP, tokens for service
// accounts.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "emulator/http_server.hpp"
#include "support/certificates.hpp"

namespace regcred::emulator {

// Whose token, for whom.
struct ServiceAccount {
  std::string namespace_name = "default";
  std::string name = "my-service-account";
  std::string audience = "cloudsmith";
  std::chrono::seconds lifetime{3600};  // what kube-apiserver gives; negative: expired already
};

// The claims that kube-apiserver writes into a bound token: aud is a list, `kubernetes.io` names the pod.
[[nodiscard]] nlohmann::json service_account_claims(const std::string &issuer, const ServiceAccount &account);

// Signs with `key_pem` (RSA), RS256.
[[nodiscard]] std::string sign_token(const nlohmann::json &claims, const std::string &key_pem);

// Serves discovery and keys on loopback until destroyed.
class Issuer {
 public:
  explicit Issuer(std::string key_pem);

  [[nodiscard]] const std::string &url() const { return url_; }  // http://127.0.0.1:PORT
  [[nodiscard]] std::string token(const ServiceAccount &account = {}) const;

 private:
  std::string key_pem_;
  std::string url_;
  PlainServer server_;
};

}  // namespace regcred::emulator
