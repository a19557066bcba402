// SPDX-License-Identifier: Apache-2.0
// One conversation with STS and ECR.
#pragma once

#include "backends/conversation.hpp"

namespace regcred::test {

class EcrTest : public Conversation {
 protected:
  static constexpr const char *own_image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app";
  static constexpr const char *sts_url = "https://sts.eu-central-1.amazonaws.com/";
  static constexpr const char *ecr_url = "https://api.ecr.eu-central-1.amazonaws.com/";
  static constexpr const char *role = "arn:aws:iam::123456789012:role/puller";
  static constexpr const char *key_id = "ASIAKEYIDOFATEST";

  [[nodiscard]] nlohmann::json keys(const char *token_name = "SessionToken") const {
    return {
        {"AccessKeyId", key_id}, {"SecretAccessKey", secret_key}, {token_name, session_token}, {"Expiration", 1.75e9}};
  }
  [[nodiscard]] std::string sts_answer() const {
    return nlohmann::json{{"AssumeRoleWithWebIdentityResponse",
                           {{"AssumeRoleWithWebIdentityResult", {{"Credentials", keys()}, {"Audience", "x"}}},
                            {"ResponseMetadata", {{"RequestId", "r"}}}}}}
        .dump();
  }
  [[nodiscard]] nlohmann::json authorization(double expires_at = 1'750'043'200.5) const {
    return {{"authorizationToken", base64_encode("AWS:" + password)},
            {"expiresAt", expires_at},
            {"proxyEndpoint", "https://999999999999.dkr.ecr.eu-central-1.amazonaws.com"}};
  }
  [[nodiscard]] std::string ecr_answer() const {
    return nlohmann::json{{"authorizationData", {authorization()}}}.dump();
  }
  ScriptedCall &expect_sts() { return host.expect("POST", sts_url).reply(200, sts_answer()); }
  ScriptedCall &expect_ecr() { return host.expect("POST", ecr_url).reply(200, ecr_answer()); }

  // Nothing of the keys may be read anywhere, either.
  void expect_quiet(const Outcome &outcome) const {
    expect_no_leak(outcome, secret_key);
    expect_no_leak(outcome, session_token);
  }

  const nlohmann::json settings = {{"roleArn", role}};
  const std::string secret_key = "secret/Key+0123456789abcdefghijklmnopqrs";
  const std::string session_token = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaDGV1LWNlbnRyYWwtMSJHMEUC";
};

}  // namespace regcred::test
