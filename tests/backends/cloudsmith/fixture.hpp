// SPDX-License-Identifier: Apache-2.0
// One conversation with the Cloudsmith backend: settings and annotations in, the exchange and the outcome out.
#pragma once

#include "backends/conversation.hpp"

namespace regcred::test {

inline constexpr const char *own_image = "docker.cloudsmith.io/acme/images/app";
inline constexpr const char *default_settings = R"({"orgSlug":"acme","serviceSlug":"ci-x1"})";
inline constexpr const char *default_url = "https://api.cloudsmith.io/openid/acme/";

class Cloudsmith : public Conversation {
 protected:
  // What Cloudsmith answers: an API token that lives for `seconds` from the fake host's now.
  [[nodiscard]] std::string api_token(std::int64_t seconds) const {
    return fake_token({{"exp", host.unix_now().count() + seconds}, {"sub", "api-canary-subject"}});
  }
  [[nodiscard]] static std::string token_json(const std::string &token) {
    return nlohmann::json{{"token", token}}.dump();
  }
  [[nodiscard]] FakeRequest image(std::string name = own_image) const { return Conversation::image(std::move(name)); }
  Outcome ask(const std::string &settings, const FakeRequest &request) {
    return run(backend(), settings, request, host);
  }
};

}  // namespace regcred::test
