// Conversations of the acme-registry backend with a scripted network: no kubelet, no regcred, no registry needed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>
#include <string>

namespace {

using regcred::Code;
using regcred::test::canary_token;
using regcred::test::create_only;
using regcred::test::FailsWith;
using regcred::test::FakeHost;
using regcred::test::FakeRequest;
using regcred::test::IsOk;
using regcred::test::Outcome;
using regcred::test::ScriptedCall;
using ::testing::HasSubstr;

constexpr const char *settings = R"({"apiHost":"api.example.com"})";

class AcmeRegistryBackendTest : public ::testing::Test {
 protected:
  // The one call that the backend makes; the test says how it is answered.
  ScriptedCall &exchange() {
    return host.expect("POST", "https://api.example.com/token")
        .with_header("Content-Type", "application/json")
        .with_json({{"token", canary_token()}});
  }
  // One request through the backend's C table. IsOk and FailsWith also fail when the script is not kept to, a rule of
  // the ABI is broken, or the token or the password leaks into a text or the log.
  Outcome ask() {
    const FakeRequest request = FakeRequest("registry.example.com/team/app").token(canary_token());
    return regcred::test::run(*regcred_backend_entry_v1(), settings, request, host);
  }
  FakeHost host;
};

TEST_F(AcmeRegistryBackendTest, exchanges_the_token_for_a_password) {
  exchange().reply(200, R"({"password":"password-of-the-test","expires_in":3600})");
  const Outcome outcome = ask();
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, "registry.example.com");
  EXPECT_EQ(outcome.auth[0].username, "token");
  EXPECT_EQ(outcome.auth[0].password, "password-of-the-test");
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(3600));
}

TEST_F(AcmeRegistryBackendTest, a_refusal_is_denied) {
  exchange().reply(403, R"({"error":"not you"})");
  EXPECT_THAT(ask(), FailsWith(Code::denied, HasSubstr("acme-registry")));
}

TEST_F(AcmeRegistryBackendTest, an_answer_without_a_password_is_bad_upstream) {
  exchange().reply(200, R"({"passwort":"x"})");
  EXPECT_THAT(ask(), FailsWith(Code::bad_upstream));
}

TEST_F(AcmeRegistryBackendTest, no_answer_before_the_deadline_is_a_timeout) {
  host.set_remaining(std::chrono::seconds(5));
  exchange().takes(std::chrono::seconds(6)).reply(200);
  EXPECT_THAT(ask(), FailsWith(Code::timeout));
}

TEST_F(AcmeRegistryBackendTest, wrong_settings_are_named) {
  const auto create = [this](const char *json) { return create_only(*regcred_backend_entry_v1(), json, host); };
  EXPECT_THAT(create(settings), IsOk());
  EXPECT_THAT(create("{}"), FailsWith(Code::bad_config, HasSubstr("settings.apiHost: is missing")));
  EXPECT_THAT(create(R"({"apiHost":"https://a.example"})"), FailsWith(Code::bad_config, HasSubstr("settings.apiHost")));
  EXPECT_THAT(create(R"({"apiHost":1})"), FailsWith(Code::bad_config, HasSubstr("settings.apiHost: must be a string")));
  EXPECT_THAT(create(R"({"apiHost":"a.example","apiHots":"b"})"),
              FailsWith(Code::bad_config, HasSubstr("settings.apiHots: unknown setting")));
}

}  // namespace
