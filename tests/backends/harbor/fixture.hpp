// One question to the harbor backend: settings, image and token in, the outcome out.
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

inline constexpr const char *own_image = "harbor.example.com/team/app";

// A pod's token for this audience: a text, or a list as kube-apiserver writes it.
[[nodiscard]] inline std::string token_for(const nlohmann::json &audience) {
  nlohmann::json claims = pod_claims();
  claims["aud"] = audience;
  return fake_token(claims);
}

class Harbor : public ::testing::Test {
 protected:
  static const regcred_backend_v1 &backend() { return load_backend(BACKEND_SO); }

  Outcome ask(const std::string &settings, const std::string &token, const std::string &image = own_image) {
    return run(backend(), settings, FakeRequest(image).token(token), host);
  }
  // No text or log line may hold a part of the token.
  void expect_no_leak(const Outcome &outcome, const std::string &token) const {
    EXPECT_EQ(find_leak(token, outcome.text), std::nullopt) << outcome.text;
    for (const FakeHost::LogLine &line : host.log()) EXPECT_EQ(find_leak(token, line.text), std::nullopt) << line.text;
  }

  FakeHost host;
  std::string pod_token = token_for({"harbor.example.com"});
};

}  // namespace regcred::test
