// SPDX-License-Identifier: Apache-2.0
#include "emulator/issuer.hpp"

#include "emulator/jwt.hpp"
#include "emulator/keys.hpp"
#include "emulator/messages.hpp"

namespace regcred::emulator {
nlohmann::json service_account_claims(const std::string &issuer, const ServiceAccount &account) {
  const std::int64_t now = unix_now();
  const std::int64_t issued = account.lifetime.count() > 0 ? now : now + account.lifetime.count() - 3600;
  return {{"iss", issuer},
          {"sub", "system:serviceaccount:" + account.namespace_name + ":" + account.name},
          {"aud", {account.audience}},
          {"iat", issued},
          {"nbf", issued},
          {"exp", now + account.lifetime.count()},
          {"jti", "7b1f8a52-6f0e-4c1c-9d5e-0c5a3c6f2f10"},
          {"kubernetes.io",
           {{"namespace", account.namespace_name},
            {"node", {{"name", "node1"}, {"uid", "f1e0b1a8-33a2-4ad5-8d66-9a0c6f6f0b11"}}},
            {"pod", {{"name", "test-pod"}, {"uid", "5e0c7f57-64d4-4a5b-8a0f-6d3f5ed5a2c3"}}},
            {"serviceaccount", {{"name", account.name}, {"uid", "0d5a2f0e-8a0f-4d8b-9f27-1f5a7f3c9e21"}}}}}};
}

std::string sign_token(const nlohmann::json &claims, const std::string &key_pem) {
  const testing::KeyPtr key = key_from_pem(key_pem);
  return sign_jwt(claims, "RS256", key_pem, to_jwk(key.get()).at("kid").get<std::string>());
}

Issuer::Issuer(std::string key_pem) : key_pem_(std::move(key_pem)) {
  plain_.emplace();
  add_handlers(plain_->http());
  url_ = "http://127.0.0.1:" + std::to_string(plain_->start());
  publish({url_, url_ + "/openid/v1/jwks", published_.keys});
}

Issuer::Issuer(std::string key_pem, const testing::Identity &identity) : key_pem_(std::move(key_pem)) {
  tls_.emplace(identity.certificate.get(), identity.key.get());
  add_handlers(tls_->http());
  url_ = "https://localhost:" + std::to_string(tls_->start());
  publish({url_, url_ + "/openid/v1/jwks", published_.keys});
}

void Issuer::add_handlers(httplib::Server &server) {
  const testing::KeyPtr key = key_from_pem(key_pem_);
  published_.keys = {{"keys", {to_jwk(key.get())}}};
  server.Get("/openid/v1/jwks", [this](const httplib::Request &, httplib::Response &response) {
    response.set_content(published().keys.dump(), "application/jwk-set+json");
  });
  server.Get("/.well-known/openid-configuration", [this](const httplib::Request &, httplib::Response &response) {
    const Published now = published();
    const nlohmann::json document = {{"issuer", now.issuer},
                                     {"jwks_uri", now.jwks_uri},
                                     {"response_types_supported", {"id_token"}},
                                     {"subject_types_supported", {"public"}},
                                     {"id_token_signing_alg_values_supported", {"RS256"}}};
    response.set_content(document.dump(), "application/json");
  });
}

Published Issuer::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

void Issuer::publish(Published published) {
  const std::lock_guard lock(mutex_);
  published_ = std::move(published);
}

std::string Issuer::token(const ServiceAccount &account) const {
  return sign_token(service_account_claims(url_, account), key_pem_);
}

}  // namespace regcred::emulator
