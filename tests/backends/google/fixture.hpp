// SPDX-License-Identifier: Apache-2.0
// One conversation with the google backend.
#pragma once

#include "backends/conversation.hpp"

namespace regcred::test {

inline constexpr const char *sts_url = "https://sts.googleapis.com/v1/token";
inline constexpr const char *iam_url =
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
    "puller@acme.iam.gserviceaccount.com:generateAccessToken";
inline constexpr const char *metadata_url =
    "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token";
inline constexpr const char *own_image = "europe-docker.pkg.dev/acme/images/app";
inline constexpr const char *own_host = "europe-docker.pkg.dev";
inline constexpr const char *account_annotation = "iam.gke.io/gcp-service-account";
inline constexpr const char *puller = "puller@acme.iam.gserviceaccount.com";
inline constexpr const char *pool =
    "//iam.googleapis.com/projects/123456/locations/global/workloadIdentityPools/prod/providers/cluster-1";
inline constexpr const char *gke =
    "identitynamespace:acme.svc.id.goog:https://container.googleapis.com/v1/projects/acme/locations/europe-west1/"
    "clusters/prod";
inline constexpr const char *asked = R"(project "123456", pool "prod", provider "cluster-1")";

class Google : public Conversation {
 protected:
  [[nodiscard]] static nlohmann::json with(const nlohmann::json &more = nlohmann::json::object()) {
    nlohmann::json settings = {{"audience", pool}};
    settings.update(more);
    return settings;
  }
  [[nodiscard]] FormFields sts_form(const std::string &audience = pool) const {
    return {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
            {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
            {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
            {"scope", "https://www.googleapis.com/auth/cloud-platform"},
            {"audience", audience},
            {"subject_token", pod_token}};
  }
  [[nodiscard]] static std::string access_token(const std::string &token, int expires_in = 3599) {
    return nlohmann::json{{"access_token", token}, {"token_type", "Bearer"}, {"expires_in", expires_in}}.dump();
  }
  [[nodiscard]] static std::string impersonated(const std::string &token,
                                                const std::string &until = "2025-06-15T15:56:40Z") {
    return nlohmann::json{{"accessToken", token}, {"expireTime", until}}.dump();
  }
  // Neither is a JWT.
  std::string federated = "ya29.d.federated-canary-0123456789abcdefghijklmnop";
  std::string access = "ya29.c.access-canary-0123456789abcdefghijklmnop";
};

}  // namespace regcred::test
