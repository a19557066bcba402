// SPDX-License-Identifier: Apache-2.0
// What Chainguard's backend sends, and what it makes of each answer.
#include "backends/conversation.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char *url = "https://issuer.enforce.dev/sts/exchange";
constexpr const char *own_image = "cgr.dev/acme.example/python";
constexpr const char *annotation = "regcred/chainguard-identity";
const json settings = {{"identity", "ab12/cd34"}, {"allowedIdentities", {"ab12/ef56", "ab12/cd"}}};

class Chainguard : public Conversation {
 protected:
  [[nodiscard]] std::string answer() const {
    return json{{"token", password}, {"refreshToken", "refresh-canary"}, {"expiry", "2025-06-15T15:56:40.123Z"}}.dump();
  }
};

TEST_F(Chainguard, exchanges_the_token_and_answers_for_the_whole_registry) {
  host.expect("POST", url)
      .with_header("Authorization", "Bearer " + pod_token)
      .with_header("Content-Type", "application/x-www-form-urlencoded")
      .with_form({{"aud", "cgr.dev"}, {"identity", "ab12/cd34"}})
      .reply(200, answer());
  const Outcome outcome = ask(settings, image(own_image));
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, "cgr.dev");
  EXPECT_EQ(outcome.auth[0].username, "_token");
  EXPECT_EQ(outcome.auth[0].password, password);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(3000));
  EXPECT_EQ(host.calls().at(0).headers.size(), 3U);
  EXPECT_EQ(host.calls().at(0).body.find(pod_token), std::string::npos);  // the header alone carries it
  expect_no_leak(outcome);
}

TEST_F(Chainguard, M2b_no_part_of_the_path_decides) {
  expect_path_decides_nothing(settings, "cgr.dev", "POST", url, answer());
}

TEST_F(Chainguard, says_what_it_is) {
  EXPECT_EQ(regcred::test::backend_name(backend()), "chainguard");
  EXPECT_EQ(backend().token_use, REGCRED_TOKEN_REQUIRED);
  EXPECT_THAT(annotation_keys(backend()), ElementsAre(annotation));
}

TEST_F(Chainguard, takes_host_username_and_headers_from_settings) {
  host.expect("POST", "https://issuer.eu.example:8443/sts/exchange").with_header("X-Team", "a").reply(200, answer());
  json own = settings;
  own.update({{"issuerHost", "Issuer.eu.example:8443"}, {"username", "user"}, {"headers", {{"X-Team", "a"}}}});
  const Outcome outcome = ask(own, image("images.cgr.dev/app"));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).username, "user");
  EXPECT_EQ(outcome.auth.at(0).registry, "images.cgr.dev");
}

TEST_F(Chainguard, the_annotation_chooses_among_the_allowed_identities) {
  for (const auto &[value, identity] : std::vector<std::pair<const char *, const char *>>{
           {"ab12/ef56", "ab12/ef56"}, {"ab12/cd", "ab12/cd"}, {"ab12/cd34", "ab12/cd34"}, {"", "ab12/cd34"}}) {
    host.expect("POST", url).with_form({{"aud", "cgr.dev"}, {"identity", identity}}).reply(200, answer());
    EXPECT_THAT(ask(settings, image(own_image).annotation(annotation, value)), IsOk()) << value;
  }
}

TEST_F(Chainguard, H7_an_identity_that_is_not_allowed_sends_nothing) {
  for (const std::string &value : {std::string("ab12"), std::string("ab12/cd345"), std::string("AB12/CD34"),
                                   std::string("ab12/ef56 "), std::string("ab12/ef56&identity=x"),
                                   std::string("ab12/ef56\r\nX: y"), std::string("*"), std::string(9000, 'a')}) {
    FakeHost fake;
    const Outcome outcome = run(backend(), settings.dump(), image(own_image).annotation(annotation, value), fake);
    EXPECT_THAT(outcome, StatusIs(Code::bad_request, AllOf(HasSubstr("annotation regcred/chainguard-identity"),
                                                           HasSubstr("settings.allowedIdentities"))));
    EXPECT_TRUE(fake.calls().empty());
  }
}

TEST_F(Chainguard, without_a_default_the_annotation_is_asked_for) {
  EXPECT_THAT(ask({{"allowedIdentities", {"ab12"}}}, image(own_image)),
              StatusIs(Code::bad_request, AllOf(HasSubstr("has no annotation"), HasSubstr(annotation))));
  EXPECT_TRUE(host.calls().empty());
}

TEST_F(Chainguard, H7_images_of_foreign_registries_send_nothing) {
  for (const char *name : {"docker.io/library/nginx", "cgr.dev.evil.net/app", "evilcgr.dev/app", "cgr.dev:8443/app",
                           "cgr.dev@evil.net/app", ".cgr.dev/app", ""}) {
    FakeHost fake;
    EXPECT_THAT(run(backend(), settings.dump(), image(name), fake),
                StatusIs(Code::bad_config, AllOf(HasSubstr("image host"), HasSubstr("matchImages"))))
        << name;
    EXPECT_TRUE(fake.calls().empty()) << name;
  }
}

TEST_F(Chainguard, the_audience_that_is_expected) {
  const auto expected = [this](const nlohmann::json &own) {
    return expected_audiences(backend(), own.dump(), "cgr.dev", host).values;
  };
  EXPECT_THAT(expected({{"identity", "a/b"}}), ::testing::ElementsAre("https://issuer.enforce.dev"));
  EXPECT_THAT(expected({{"identity", "a/b"}, {"issuerHost", "issuer.example.com"}}), ::testing::IsEmpty());
}

TEST_F(Chainguard, without_a_token_nothing_is_sent) {
  EXPECT_THAT(ask(settings, FakeRequest(own_image)), StatusIs(Code::bad_request, HasSubstr("tokenAttributes")));
}

// M3: the expiry field and the token's own exp, whichever is sooner.
TEST_F(Chainguard, M3_the_lifetime_follows_the_answer) {
  const auto lifetime_of = [&](const json &body) {
    host.expect("POST", url).reply(200, body.dump());
    const Outcome outcome = ask(settings, image(own_image));
    EXPECT_THAT(outcome, IsOk());
    return outcome.lifetime;
  };
  EXPECT_EQ(lifetime_of({{"token", password}}), std::chrono::seconds(3600));
  EXPECT_EQ(lifetime_of({{"token", password}, {"expiry", "2025-06-15T18:06:40+02:00"}}), std::chrono::seconds(3600));
  EXPECT_EQ(lifetime_of({{"token", "opaque"}, {"expiry", "2025-06-15T15:06:50Z"}}), std::chrono::seconds(10));
  EXPECT_EQ(lifetime_of({{"token", "opaque"}, {"expires_in", 5}}), std::nullopt);  // no field of Chainguard's
  EXPECT_EQ(lifetime_of({{"token", "opaque"}, {"expiry", nullptr}}), std::nullopt);
  host.expect("POST", url).reply(200, json{{"token", "opaque"}, {"expiry", "2025-06-15T15:00:00Z"}}.dump());
  EXPECT_THAT(ask(settings, image(own_image)),
              StatusIs(Code::bad_upstream, AllOf(HasSubstr("expired 400 s ago"), HasSubstr("NTP"))));
}

class ChainguardFault : public Chainguard, public ::testing::WithParamInterface<Fault> {};

TEST_P(ChainguardFault, L1_is_told_without_token_password_or_body) {
  expect_told(GetParam(), settings, image(own_image), url, "identity \"ab12/cd34\", host \"issuer.enforce.dev\"");
}

std::string status(int code) {
  return json{{"code", code}, {"message", "quote-me-not TOKEN"}, {"details", json::array()}}.dump();
}

INSTANTIATE_TEST_SUITE_P(
    table, ChainguardFault,
    ::testing::Values(
        Fault{"s400", 400, status(3), {}, Code::denied, {"Chainguard (HTTP 400)", "whole UIDP"}},
        Fault{"s401", 401, status(16), {}, Code::denied, {"Chainguard (HTTP 401)", "https://issuer.enforce.dev"}},
        Fault{"s403", 403, status(7), {}, Code::denied, {"Chainguard (HTTP 403)", "may not assume this identity"}},
        Fault{"s404", 404, status(5), {}, Code::denied, {"no such identity; correct settings.identity"}},
        Fault{"s429", 429, status(8), {}, Code::throttled, {"it asks to wait"}},
        Fault{"s502", 502, "TOKEN", {}, Code::unavailable, {"it is failing"}},
        Fault{"s503", 503, status(14), {}, Code::unavailable, {"it is failing"}},
        Fault{"s307", 307, "", {{"Location", "https://evil.example/?TOKEN"}}, Code::bad_upstream, {"\"evil.example\""}},
        Fault{"a_page", 200, "<html>PASSWORD", {}, Code::bad_upstream, {"a web page", "settings.issuerHost"}},
        Fault{"not_json", 200, "PASSWORD", {}, Code::bad_upstream, {"not a JSON object"}},
        Fault{"no_token", 200, R"({"access_token":"PASSWORD"})", {}, Code::bad_upstream, {"holds no \"token\""}},
        Fault{"only_refresh", 200, R"({"refresh_token":"PASSWORD"})", {}, Code::bad_upstream, {"holds no \"token\""}},
        Fault{"a_broken_token", 200, R"({"token":"PASSWORD\r\n"})", {}, Code::bad_upstream, {"blanks, control"}},
        Fault{"a_number", 200, R"({"token":7})", {}, Code::bad_upstream, {"that is not a text"}}),
    [](const auto &row) { return std::string(row.param.what); });

TEST_F(Chainguard, create_takes_and_refuses_settings_as_its_schema_does) {
  expect_settings({
      {settings, nullptr},
      {{{"identity", "a_B-9.x/y"}}, nullptr},
      {{{"allowedIdentities", {"a"}}}, nullptr},
      {json::object(), "settings.identity: is missing", true},
      {{{"allowedIdentities", json::array()}}, "settings.identity: is missing", true},
      {{{"identity", ""}}, "settings.identity: \"\" is not a UIDP"},
      {{{"identity", "a b"}}, "settings.identity"},
      {{{"identity", std::string(257, 'a')}}, "settings.identity"},
      {{{"identity", 1}}, "settings.identity: must be a string"},
      {{{"identity", "a"}, {"allowedIdentities", {"b", "c\n"}}}, "settings.allowedIdentities"},
      {{{"identity", "a"}, {"allowedIdentities", std::vector<std::string>(1025, "b")}}, "more than 1024"},
      {{{"identity", "a"}, {"allowedIdentities", "b"}}, "settings.allowedIdentities: must be a list of strings"},
      {{{"identity", "a"}, {"issuerHost", "https://issuer.example"}}, "settings.issuerHost"},
      {{{"identity", "a"}, {"issuerHost", "a..b"}}, "settings.issuerHost", true},
      {{{"identity", "a"}, {"username", "a:b"}}, "settings.username"},
      {{{"identity", "a"}, {"headers", {{"X-A", "b"}}}}, nullptr},
      {{{"identity", "a"}, {"headers", {{"Authorization", "b"}}}}, "may not be set", true},
      {{{"identity", "a"}, {"identitY", "b"}}, "settings.identitY: unknown setting"},
      {json::array(), "settings must be a mapping"},
  });
  expect_schema_names_all(settings);
}

}  // namespace
}  // namespace regcred::test
