// SPDX-License-Identifier: Apache-2.0
// An OpenID Connect issuer as a Kubernetes cluster is one: discovery document and JWKS over HTTP, tokens for service
// accounts.
#pragma once

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
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

// What an issuer says of itself. Tests let it say something else than it should.
struct Published {
  std::string issuer;
  std::string jwks_uri;
  nlohmann::json keys;
};

// Serves discovery and keys on loopback until destroyed.
class Issuer {
 public:
  explicit Issuer(std::string key_pem);                            // http://127.0.0.1:PORT
  Issuer(std::string key_pem, const testing::Identity &identity);  // https://localhost:PORT, for this certificate

  [[nodiscard]] const std::string &url() const { return url_; }
  [[nodiscard]] std::string token(const ServiceAccount &account = {}) const;

  [[nodiscard]] Published published() const;
  void publish(Published published);

 private:
  void add_handlers(httplib::Server &server);

  std::string key_pem_;
  std::string url_;
  mutable std::mutex mutex_;
  Published published_;
  std::optional<PlainServer> plain_;
  std::optional<TlsServer> tls_;
};

}  // namespace regcred::emulator
