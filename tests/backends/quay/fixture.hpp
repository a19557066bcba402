// One conversation with the quay backend: settings and annotation in, the exchange and the outcome out.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>
#include <string>
#include <utility>
#include <vector>

#include "backends/backend_under_test.hpp"

namespace regcred::test {

inline constexpr const char *own_image = "quay.io/acme/app";
inline constexpr const char *default_settings = R"({"robot":"acme+puller"})";
inline constexpr const char *default_url = "https://quay.io/oauth2/federation/robot/token";
inline constexpr const char *robot_key = "quay.io/federated-robot-account";

class Quay : public ::testing::Test {
 protected:
  static const regcred_backend_v1 &backend() { return load_backend(BACKEND_SO); }

  // What Quay answers: a robot's token that lives for `seconds` from the fake host's now.
  [[nodiscard]] std::string robot_token(std::int64_t seconds) const {
    return fake_token({{"exp", host.unix_now().count() + seconds}, {"sub", "robot-canary-subject"}});
  }
  [[nodiscard]] static std::string token_json(const std::string &token) {
    return nlohmann::json{{"token", token}}.dump();
  }
  [[nodiscard]] std::string basic(const std::string &robot) const {
    return "Basic " + detail::base64(robot + ":" + pod_token, false);
  }
  [[nodiscard]] FakeRequest image(std::string name = own_image) const {
    return FakeRequest(std::move(name)).token(pod_token);
  }
  Outcome ask(const std::string &settings, const FakeRequest &request) {
    return run(backend(), settings, request, host);
  }
  // No text or log line may hold a part of the pod's token or of `password`.
  void expect_no_leak(const Outcome &outcome, const std::string &password) const {
    for (const std::string &secret : {pod_token, password}) {
      EXPECT_EQ(find_leak(secret, outcome.text), std::nullopt) << outcome.text;
      for (const FakeHost::LogLine &line : host.log())
        EXPECT_EQ(find_leak(secret, line.text), std::nullopt) << line.text;
    }
  }

  FakeHost host;
  std::string pod_token = fake_token(pod_claims());
};

}  // namespace regcred::test
