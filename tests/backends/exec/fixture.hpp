// SPDX-License-Identifier: Apache-2.0
// One question to the exec backend, whose program is scripted.
#pragma once

#include "backends/conversation.hpp"

namespace regcred::test {

inline constexpr const char *helper = "/usr/bin/docker-credential-acme";
inline constexpr const char *provider = "/opt/providers/acme";

class Exec : public Conversation {
 protected:
  Exec() { password = "pa55-word-canary-0123456789"; }

  static nlohmann::json docker() { return {{"protocol", "docker"}, {"program", helper}}; }
  static nlohmann::json kubelet() { return {{"protocol", "kubelet"}, {"program", provider}}; }

  // The answer of a provider.
  [[nodiscard]] nlohmann::json answer(nlohmann::json auth) const {
    return {{"kind", "CredentialProviderResponse"},
            {"apiVersion", "credentialprovider.kubelet.k8s.io/v1"},
            {"cacheKeyType", "Registry"},
            {"cacheDuration", "5m0s"},
            {"auth", std::move(auth)}};
  }
  [[nodiscard]] nlohmann::json login(const std::string &username = "robot") const {
    return {{"username", username}, {"password", password}};
  }
  [[nodiscard]] FakeRequest app(const std::string &name = "registry.example.com/team/app") const { return image(name); }
};

}  // namespace regcred::test
