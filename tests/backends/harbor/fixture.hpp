// SPDX-License-Identifier: Apache-2.0
// One question to the harbor backend: settings, image and token in, the outcome out.
#pragma once

#include "backends/conversation.hpp"

namespace regcred::test {

inline constexpr const char *own_image = "harbor.example.com/team/app";

// A pod's token for this audience: a text, or a list as kube-apiserver writes it.
[[nodiscard]] inline std::string token_for(const nlohmann::json &audience) {
  nlohmann::json claims = pod_claims();
  claims["aud"] = audience;
  return fake_token(claims);
}

class Harbor : public Conversation {
 protected:
  Harbor() { pod_token = token_for({"harbor.example.com"}); }

  Outcome ask(const std::string &settings, const std::string &token, const std::string &image = own_image) {
    return run(backend(), settings, FakeRequest(image).token(token), host);
  }
};

}  // namespace regcred::test
