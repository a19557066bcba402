// SPDX-License-Identifier: Apache-2.0
// Mode passThrough: the pod's token itself is the password, and who may be given it.
#include "backends/oidc/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char *own_host = "registry.example.com";

TEST_F(Oidc, M3_pass_through_gives_the_token_itself_and_forbids_caching) {
  set_audiences(own_host);
  const Outcome outcome = ask(pass_through(), image(own_image));
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, own_host);
  EXPECT_EQ(outcome.auth[0].username, "jwt");
  EXPECT_EQ(outcome.auth[0].password, pod_token);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(0));
  EXPECT_THAT(host.calls(), IsEmpty());
  expect_no_leak(outcome);
}

// The registry's verdict never reaches the operator, so the claims to compare stand in the log.
TEST_F(Oidc, pass_through_logs_what_the_registry_will_judge) {
  set_audiences(own_host);
  ASSERT_THAT(ask(pass_through(), image(own_image)), IsOk());
  ASSERT_EQ(host.log().size(), 1U);
  EXPECT_EQ(host.log()[0].level, LogLevel::debug);
  EXPECT_EQ(host.log()[0].text,
            "the pod's token is the password at registry.example.com; token's issuer "
            "\"https://oidc.example.com/cluster-1\", audience \"registry.example.com\", subject "
            "\"system:serviceaccount:purple-team:builder\"");
}

TEST_F(Oidc, H7_a_token_that_is_good_elsewhere_is_not_given_away) {
  const json listed = {{"audiences", {"https://auth.example.net/team", "second"}}};
  struct Row {
    json audiences;
    json settings;
    bool given;
  };
  const std::vector<Row> table = {
      {own_host, pass_through(), true},
      {{own_host}, pass_through(), true},
      {"https://registry.example.com", pass_through(), true},
      {{own_host, "https://registry.example.com"}, pass_through(), true},
      {{own_host, "https://kubernetes.default.svc"}, pass_through(), false},
      {"https://kubernetes.default.svc", pass_through(), false},
      {"https://registry.example.com/", pass_through(), false},
      {"http://registry.example.com", pass_through(), false},
      {"Registry.example.com", pass_through(), false},
      {"", pass_through(), false},
      {json::array(), pass_through(), false},
      {nullptr, pass_through(), false},
      {"https://auth.example.net/team", pass_through(listed), true},
      {{"second", "https://auth.example.net/team"}, pass_through(listed), true},
      {{"second", "third"}, pass_through(listed), false},
      {own_host, pass_through(listed), false},
  };
  for (const Row &row : table) {
    SCOPED_TRACE(row.audiences.dump());
    set_audiences(row.audiences);
    const Outcome outcome = ask(row.settings, image(own_image));
    if (row.given) {
      EXPECT_THAT(outcome, IsOk());
    } else {
      EXPECT_THAT(outcome, StatusIs(Code::bad_request, AllOf(HasSubstr("serviceAccountTokenAudience"),
                                                             HasSubstr("settings.audiences"), HasSubstr("audience"))));
      EXPECT_THAT(outcome.auth, IsEmpty());
    }
  }
}

TEST_F(Oidc, an_audience_is_expected_where_the_token_is_passed_through) {
  const char *passes = R"({"mode":"passThrough","username":"jwt","registryHosts":["reg.example.com"]})";
  EXPECT_THAT(expected_audiences(backend(), passes, "reg.example.com", host).values,
              ::testing::ElementsAre("reg.example.com", "https://reg.example.com"));
  const char *exchanges = R"({"mode":"bearer","exchangeUrl":"https://sts.example.com/x","username":"u"})";
  EXPECT_THAT(create_only(backend(), exchanges, host), IsOk());
  EXPECT_THAT(expected_audiences(backend(), exchanges, "reg.example.com", host).values, ::testing::IsEmpty());
}

TEST_F(Oidc, an_expired_token_points_at_the_clock) {
  json claims = pod_claims();
  claims["aud"] = own_host;
  claims["exp"] = host.unix_now().count() - 5;
  pod_token = fake_token(claims);
  EXPECT_THAT(ask(pass_through(), image(own_image)),
              StatusIs(Code::bad_request, AllOf(HasSubstr("expired 5 s ago"), HasSubstr("NTP"), HasSubstr("subject"))));
}

}  // namespace
}  // namespace regcred::test
