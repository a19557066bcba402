// SPDX-License-Identifier: Apache-2.0
// What the harbor backend answers, and when it keeps the pod's token to itself.
#include "backends/harbor/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char *other_audience =
    R"({"registryHosts":["harbor.example.com","*.r.example.com:5000"],"audiences":["harbor-pulls","https://h.example"]})";

TEST_F(Harbor, M3_the_pods_token_is_the_password_and_never_cached) {
  const Outcome outcome = ask("{}", pod_token);
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, "harbor.example.com");
  EXPECT_EQ(outcome.auth[0].username, "jwt");
  EXPECT_EQ(outcome.auth[0].password, pod_token);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(0));
  EXPECT_THAT(host.calls(), IsEmpty());
  expect_no_leak(outcome);
}

TEST_F(Harbor, M2b_no_part_of_the_path_decides) {
  expect_path_decides_nothing(json::object(), "harbor.example.com", nullptr, nullptr, "");
}

TEST_F(Harbor, says_what_it_is) {
  EXPECT_EQ(regcred::test::backend_name(backend()), "harbor");
  EXPECT_EQ(backend().token_use, REGCRED_TOKEN_REQUIRED);
  EXPECT_THAT(annotation_keys(backend()), IsEmpty());
}

TEST_F(Harbor, the_log_tells_what_a_robot_is_matched_by) {
  ASSERT_THAT(ask("{}", pod_token), IsOk());
  ASSERT_EQ(host.log().size(), 1U);
  EXPECT_EQ(host.log()[0].level, LogLevel::debug);
  EXPECT_EQ(host.log()[0].text,
            "the pod's token is the password at harbor.example.com; token's issuer "
            "\"https://oidc.example.com/cluster-1\", audience \"harbor.example.com\", subject "
            "\"system:serviceaccount:purple-team:builder\"");
}

// M3: whatever the token says about its own life.
TEST_F(Harbor, M3_no_exp_makes_the_token_cacheable) {
  for (const json &exp : {json(nullptr), json(1'750'000'001), json(4'000'000'000), json("soon"), json(-1)}) {
    json claims = pod_claims();
    claims["aud"] = "harbor.example.com";
    claims["exp"] = exp;
    const Outcome outcome = ask("{}", fake_token(claims));
    ASSERT_THAT(outcome, IsOk()) << exp;
    EXPECT_EQ(outcome.lifetime, std::chrono::seconds(0)) << exp;
  }
}

struct Fit {
  const char *settings;
  json audience;
  const char *image;
};

TEST_F(Harbor, a_token_for_this_registry_is_handed_out) {
  const std::vector<Fit> table = {
      {"{}", {"harbor.example.com"}, own_image},
      {"{}", "harbor.example.com", own_image},
      {"{}", {"https://harbor.example.com"}, own_image},
      {"{}", {"harbor.example.com", "https://harbor.example.com"}, own_image},
      {"{}", {"harbor.example.com:8443"}, "harbor.example.com:8443/team/app"},
      {"{}", {"harbor.example.com"}, "Harbor.Example.com/team/app"},
      {R"({"registryHosts":["Harbor.example.com"]})", {"harbor.example.com"}, own_image},
      {other_audience, {"harbor-pulls"}, own_image},
      {other_audience, {"https://h.example"}, "x.r.example.com:5000/team/app"},
      {other_audience, {"https://h.example", "harbor-pulls"}, own_image},
  };
  for (const Fit &row : table) {
    const std::string token = token_for(row.audience);
    const Outcome outcome = ask(row.settings, token, row.image);
    ASSERT_THAT(outcome, IsOk()) << row.settings << row.audience;
    EXPECT_EQ(outcome.auth.at(0).registry, FakeRequest(row.image).registry());
    EXPECT_EQ(outcome.auth.at(0).password, token);
  }
}

// A token is a key to all of its audiences: whoever gets it could use it there.
TEST_F(Harbor, H7_a_token_for_another_audience_is_kept) {
  const std::vector<Fit> table = {
      {"{}", {"https://kubernetes.default.svc"}, own_image},
      {"{}", {"harbor.example.com", "https://kubernetes.default.svc"}, own_image},
      {"{}", json::array(), own_image},
      {"{}", nullptr, own_image},
      {"{}", 7, own_image},
      {"{}", {"Harbor.example.com"}, own_image},
      {"{}", {"http://harbor.example.com"}, own_image},
      {"{}", {"https://harbor.example.com/"}, own_image},
      {"{}", {"harbor.example.com:443"}, own_image},
      {"{}", {"harbor.example.com"}, "harbor.example.com:443/team/app"},
      {"{}", {"harbor.example.com"}, "evil.example.net/team/app"},
      {"{}", {"harbor.example.com"}, "harbor.example.com.evil.net/team/app"},
      {"{}", {"harbor.example.com"}, "x.harbor.example.com/team/app"},
      {R"({"registryHosts":["harbor.example.com","evil.example.net"]})",
       {"harbor.example.com"},
       "evil.example.net/app"},
      {other_audience, {"harbor.example.com"}, own_image},
      {other_audience, {"harbor-pulls", "cloudsmith"}, own_image},
  };
  for (const Fit &row : table) {
    const std::string token = token_for(row.audience);
    const Outcome outcome = ask(row.settings, token, row.image);
    EXPECT_THAT(outcome, StatusIs(Code::bad_request,
                                  AllOf(HasSubstr("not for this registry"), HasSubstr("serviceAccountTokenAudience"),
                                        HasSubstr("token's issuer"), HasSubstr(", audience "),
                                        HasSubstr("subject \"system:serviceaccount:purple-team:builder\""))))
        << row.settings << row.audience << row.image;
    EXPECT_THAT(outcome.auth, IsEmpty());
    expect_no_leak(outcome, token);
  }
}

TEST_F(Harbor, the_audience_to_ask_for_is_named) {
  const std::string token = token_for({"cloudsmith"});
  EXPECT_THAT(ask("{}", token).text, AllOf(HasSubstr("to \"harbor.example.com\" or \"https://harbor.example.com\""),
                                           HasSubstr("audience \"cloudsmith\"")));
  EXPECT_THAT(ask(other_audience, token).text, HasSubstr("to \"harbor-pulls\" (settings.audiences)"));
  EXPECT_THAT(ask("{}", token_for(json::array())).text, HasSubstr(", audience none"));
}

// A matchImages that is too broad must not hand tokens out.
TEST_F(Harbor, the_audience_that_is_expected_is_the_registrys_or_listed) {
  const auto expected = [this](const char *own, const char *registry) {
    return expected_audiences(backend(), own, registry, host).values;
  };
  EXPECT_THAT(expected("{}", "harbor.example.com:8443"),
              ::testing::ElementsAre("harbor.example.com:8443", "https://harbor.example.com:8443"));
  EXPECT_THAT(expected("{}", "*.example.com"), ::testing::IsEmpty());
  EXPECT_THAT(expected(R"({"registryHosts":["*.example.com"],"audiences":["robots"]})", "*.example.com"),
              ::testing::ElementsAre("robots"));
}

TEST_F(Harbor, H7_images_of_hosts_that_are_not_listed_get_nothing) {
  for (const char *image :
       {"docker.io/library/nginx", "harbor.example.com:5000/app", "x.r.example.com/app", "r.example.com:5000/app",
        "harbor.example.com.evil.net/app", "x.harbor.example.com/app", "[::1]:5000/app", ""}) {
    const Outcome outcome = ask(other_audience, token_for({"harbor-pulls"}), image);
    EXPECT_THAT(outcome, StatusIs(Code::bad_config, AllOf(HasSubstr("image host"), HasSubstr("settings.registryHosts"),
                                                          HasSubstr("matchImages"))))
        << image;
  }
}

TEST_F(Harbor, an_expired_token_points_at_the_clock) {
  host.set_unix_now(std::chrono::seconds(1'750'003'540 + 90));
  const Outcome outcome = ask("{}", pod_token);
  EXPECT_THAT(outcome, StatusIs(Code::bad_request, AllOf(HasSubstr("expired 90 s ago"), HasSubstr("NTP"))));
  expect_no_leak(outcome);
}

TEST_F(Harbor, a_token_that_is_none_is_never_a_password) {
  const std::vector<std::pair<std::string, const char *>> tokens = {
      {"", "tokenAttributes"},
      {"opaque", "not a JWT"},
      {"a.b", "not a JWT"},
      {"a.b.c", "not a JWT"},
      {pod_token + ".x", "not a JWT"},
      {pod_token + "\"", "not a JWT"},
      {pod_token + "\r\nX: y", "not a JWT"},
      {pod_token + " ", "not a JWT"},
      {std::string(70'000, 'a'), "not a JWT"},
      {"e30." + base64url_encode("[]") + ".c", "not a JWT"}};
  for (const auto &[token, words] : tokens) {
    const Outcome outcome = ask("{}", token);
    EXPECT_THAT(outcome, StatusIs(Code::bad_request, HasSubstr(words)));
    if (token.size() > 12) {
      EXPECT_EQ(find_leak(token, outcome.text), std::nullopt);
    }
  }
}

// The longest values that can occur still leave the finding, the cure and a bounded line.
TEST_F(Harbor, the_text_is_bounded_and_printable_whatever_the_claims) {
  const std::string hostile = "\x1b[31m\r\nregcred: ok\xe2\x80\xae\"" + std::string(3000, 'x');
  const std::string label(63, 'h');
  const std::string long_host = label + "." + label + "." + label + ".example.com:50000";
  const std::string long_audience(256, 'a');
  const std::string settings = json{{"registryHosts", {long_host}}, {"audiences", {long_audience}}}.dump();
  const json claims = {{"iss", hostile}, {"sub", hostile}, {"aud", {hostile, hostile}}};
  for (const std::string &text : {ask("{}", fake_token(claims), long_host + "/app").text,
                                  ask(settings, fake_token(claims), long_host + "/app").text}) {
    EXPECT_THAT(text, AllOf(HasSubstr("not for this registry"), HasSubstr("serviceAccountTokenAudience"),
                            HasSubstr("subject \"")));
    EXPECT_LE(text.size(), 512U);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
}

}  // namespace
}  // namespace regcred::test
