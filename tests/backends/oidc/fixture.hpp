// SPDX-License-Identifier: Apache-2.0
// One conversation with the oidc backend.
#pragma once

#include "backends/conversation.hpp"

namespace regcred::test {

inline constexpr const char *exchange_url = "https://sts.example.com/v1/token";
inline constexpr const char *own_image = "registry.example.com/team/app";

// The least that each kind of exchange needs, and `more`.
[[nodiscard]] inline nlohmann::json exchange(const char *mode, const nlohmann::json &more = nlohmann::json::object()) {
  nlohmann::json settings = {{"mode", mode}, {"exchangeUrl", exchange_url}, {"username", "oauth2"}};
  settings.update(more);
  return settings;
}
[[nodiscard]] inline nlohmann::json pass_through(const nlohmann::json &more = nlohmann::json::object()) {
  nlohmann::json settings = {{"mode", "passThrough"}, {"username", "jwt"}, {"registryHosts", {"registry.example.com"}}};
  settings.update(more);
  return settings;
}

class Oidc : public Conversation {
 protected:
  // The pod's token for this audience, or these.
  void set_audiences(nlohmann::json audiences) {
    nlohmann::json claims = pod_claims();
    claims["aud"] = std::move(audiences);
    pod_token = fake_token(claims);
  }
  [[nodiscard]] std::string answer() const {
    return nlohmann::json{{"access_token", password}, {"token_type", "Bearer"}, {"expires_in", 1800}}.dump();
  }
};

}  // namespace regcred::test
