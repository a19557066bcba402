// SPDX-License-Identifier: Apache-2.0
// What JFrog's backend sends, and what it makes of each answer.
#include "backends/conversation.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char *url = "https://acme.jfrog.io/access/api/v1/oidc/token";
constexpr const char *own_image = "acme.jfrog.io/docker/app";
const json settings = {{"artifactoryHost", "acme.jfrog.io"}, {"providerName", "k8s-prod"}};

class JFrog : public Conversation {
 protected:
  JFrog() { password = fake_token({{"sub", "jfac@01abc/users/builder"}, {"exp", host.unix_now().count() + 18'000}}); }
  [[nodiscard]] json answer() const {
    return {{"access_token", password},
            {"token_type", "Bearer"},
            {"expires_in", 18'000},
            {"issued_token_type", "urn:ietf:params:oauth:token-type:access_token"},
            {"username", "builder"}};
  }
  [[nodiscard]] json body(const json &more = json::object()) const {
    json fields = {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                   {"subject_token_type", "urn:ietf:params:oauth:token-type:id_token"},
                   {"subject_token", pod_token},
                   {"provider_name", "k8s-prod"}};
    fields.update(more);
    return fields;
  }
};

TEST_F(JFrog, exchanges_the_token_and_answers_for_the_whole_registry) {
  host.expect("POST", url)
      .with_header("Content-Type", "application/json")
      .with_json(body())
      .reply(200, answer().dump());
  const Outcome outcome = ask(settings, image(own_image));
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, "acme.jfrog.io");
  EXPECT_EQ(outcome.auth[0].username, "builder");
  EXPECT_EQ(outcome.auth[0].password, password);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(18'000));
  EXPECT_EQ(host.calls().at(0).headers.size(), 2U);  // above all no Authorization
  expect_no_leak(outcome);
}

TEST_F(JFrog, M2b_no_part_of_the_path_decides) {
  expect_path_decides_nothing(settings, "acme.jfrog.io", "POST", url, answer().dump());
}

TEST_F(JFrog, says_what_it_is) {
  EXPECT_EQ(regcred::test::backend_name(backend()), "jfrog");
  EXPECT_EQ(backend().token_use, REGCRED_TOKEN_REQUIRED);
  EXPECT_THAT(annotation_keys(backend()), ElementsAre("JFrogExchange"));
}

TEST_F(JFrog, sends_mapping_project_and_headers_when_they_are_set) {
  json own = settings;
  own.update({{"artifactoryHost", "Artifactory.corp.example:8443"},
              {"identityMapping", "team \"a\""},
              {"projectKey", "proj"},
              {"headers", {{"X-Team", "a"}}}});
  host.expect("POST", "https://artifactory.corp.example:8443/access/api/v1/oidc/token")
      .with_header("X-Team", "a")
      .with_json(body({{"identity_mapping_name", "team \"a\""}, {"project_key", "proj"}}))
      .reply(200, answer().dump());
  EXPECT_THAT(ask(own, image("artifactory.corp.example:8443/docker/app")), IsOk());
}

// The username: the setting, else the answer's, else the last part of the access token's subject.
TEST_F(JFrog, finds_the_username_where_it_is) {
  const auto username_of = [&](const json &own, json body) {
    host.expect("POST", url).reply(200, body.dump());
    const Outcome outcome = ask(own, image(own_image));
    return outcome.auth.empty() ? "failed: " + outcome.text : outcome.auth[0].username;
  };
  json fixed = settings;
  fixed["username"] = "robot";
  json without = answer();
  without.erase("username");
  json null = answer();
  null["username"] = nullptr;
  EXPECT_EQ(username_of(fixed, answer()), "robot");
  EXPECT_EQ(username_of(settings, answer()), "builder");
  EXPECT_EQ(username_of(settings, without), "builder");
  EXPECT_EQ(username_of(settings, null), "builder");
  for (const char *subject : {"", "builder", "jfac@01/users/", "jfac@01/users/a:b", "jfac@01/users/a b", "x/a\nb"}) {
    without["access_token"] = fake_token({{"sub", subject}});
    EXPECT_THAT(username_of(settings, without), HasSubstr("names no user, neither in its answer nor")) << subject;
  }
  without["access_token"] = "opaque";
  EXPECT_THAT(username_of(settings, without), HasSubstr("set settings.username"));
  EXPECT_EQ(username_of(fixed, without), "robot");
}

TEST_F(JFrog, M3_the_lifetime_is_never_longer_than_answer_and_token_say) {
  const auto lifetime_of = [&](const json &body) {
    host.expect("POST", url).reply(200, body.dump());
    const Outcome outcome = ask(settings, image(own_image));
    EXPECT_THAT(outcome, IsOk());
    return outcome.lifetime;
  };
  EXPECT_EQ(lifetime_of({{"access_token", password}, {"expires_in", 60}}), std::chrono::seconds(60));
  EXPECT_EQ(lifetime_of({{"access_token", password}}), std::chrono::seconds(18'000));
  EXPECT_EQ(lifetime_of({{"access_token", "opaque"}, {"username", "u"}}), std::nullopt);
  EXPECT_EQ(lifetime_of({{"access_token", "opaque"}, {"username", "u"}, {"expires_in", 31'536'000}}),
            std::chrono::seconds(86'400));
}

TEST_F(JFrog, serves_its_own_hosts_and_those_that_are_named) {
  json own = settings;
  own["registryHosts"] = {"acme-docker.jfrog.io", "*.images.acme.example"};
  for (const char *name : {"acme.jfrog.io/docker/app", "docker.acme.jfrog.io/app", "acme-docker.jfrog.io/app",
                           "a.images.acme.example/app", "acme.jfrog.io:443/docker/app"}) {
    host.expect("POST", url).reply(200, answer().dump());
    EXPECT_THAT(ask(own, image(name)), IsOk()) << name;
  }
  for (const char *name : {"evil.jfrog.io/app", "acme.jfrog.io.evil.net/app", "xacme.jfrog.io/app",
                           "acme.jfrog.io:8443/app", "images.acme.example/app", "docker.io/library/nginx", ""}) {
    FakeHost fake;
    EXPECT_THAT(run(backend(), own.dump(), image(name), fake),
                StatusIs(Code::bad_config, AllOf(HasSubstr("image host"), HasSubstr("settings.registryHosts"))))
        << name;
    EXPECT_TRUE(fake.calls().empty()) << name;
  }
}

TEST_F(JFrog, with_require_opt_in_the_annotation_decides) {
  json own = settings;
  own["requireOptIn"] = true;
  host.expect("POST", url).reply(200, answer().dump());
  EXPECT_THAT(ask(own, image(own_image).annotation("JFrogExchange", "true")), IsOk());
  for (const char *value : {"false", "", "True", "true "}) {
    EXPECT_THAT(ask(own, image(own_image).annotation("JFrogExchange", value)),
                StatusIs(Code::no_credentials, ::testing::_));
  }
  EXPECT_THAT(ask(own, image(own_image)), StatusIs(Code::no_credentials, HasSubstr("JFrogExchange")));
  EXPECT_EQ(host.calls().size(), 1U);
}

TEST_F(JFrog, without_a_token_nothing_is_sent) {
  EXPECT_THAT(ask(settings, FakeRequest(own_image)), StatusIs(Code::bad_request, HasSubstr("tokenAttributes")));
}

class JFrogFault : public JFrog, public ::testing::WithParamInterface<Fault> {};

TEST_P(JFrogFault, L1_is_told_without_token_password_or_body) {
  expect_told(GetParam(), settings, image(own_image), url, "provider \"k8s-prod\", host \"acme.jfrog.io\"");
}

INSTANTIATE_TEST_SUITE_P(
    table, JFrogFault,
    ::testing::Values(
        Fault{"s400",
              400,
              R"({"errors":[{"message":"quote-me-not TOKEN"}]})",
              {},
              Code::denied,
              {"JFrog (HTTP 400)", "OIDC integration", "exist under these names"}},
        Fault{"s401",
              401,
              R"({"errors":[{"message":"quote-me-not"}]})",
              {},
              Code::denied,
              {"JFrog (HTTP 401)", "fits no identity mapping", "provider URL must be the issuer"}},
        Fault{"s403", 403, "{}", {}, Code::denied, {"JFrog (HTTP 403)", "the token is refused"}},
        Fault{"s404", 404, "TOKEN", {}, Code::bad_config, {"settings.artifactoryHost", "7.77.3"}},
        Fault{"s429", 429, "{}", {}, Code::throttled, {"it asks to wait"}},
        Fault{"s503", 503, "TOKEN", {}, Code::unavailable, {"it is failing"}},
        Fault{"s302",
              302,
              "",
              {{"Location", "https://sso.example/login?TOKEN"}},
              Code::bad_upstream,
              {"\"sso.example\"", "settings.artifactoryHost"}},
        Fault{"a_page", 200, "<!doctype html>PASSWORD", {}, Code::bad_upstream, {"a web page", "proxy"}},
        Fault{"not_json", 200, "PASSWORD", {}, Code::bad_upstream, {"not a JSON object"}},
        Fault{"nothing", 200, "{}", {}, Code::bad_upstream, {"holds no \"access_token\""}},
        Fault{"no_token", 200, R"({"username":"PASSWORD"})", {}, Code::bad_upstream, {"holds no \"access_token\""}},
        Fault{"a_number", 200, R"({"access_token":1,"username":"u"})", {}, Code::bad_upstream, {"that is not a text"}},
        Fault{"a_blank", 200, R"({"access_token":"PASSWORD x","username":"u"})", {}, Code::bad_upstream, {"blanks"}},
        Fault{"a_colon",
              200,
              R"({"access_token":"PASSWORD","username":"a:PASSWORD"})",
              {},
              Code::bad_upstream,
              {"a \"username\" that cannot be a username"}},
        Fault{"a_user_list",
              200,
              R"({"access_token":"PASSWORD","username":["PASSWORD"]})",
              {},
              Code::bad_upstream,
              {"a \"username\" that is not a text"}},
        Fault{"an_expired_answer",
              200,
              R"({"access_token":"PASSWORD","username":"u","expires_in":-1})",
              {},
              Code::bad_upstream,
              {"expired 1 s ago"}}),
    [](const auto &row) { return std::string(row.param.what); });

json with(const json &more) {
  json all = settings;
  all.update(more);
  return all;
}

TEST_F(JFrog, create_takes_and_refuses_settings_as_its_schema_does) {
  expect_settings({
      {settings, nullptr},
      {with({{"identityMapping", "m"}, {"projectKey", "p"}, {"username", "u"}, {"requireOptIn", false}}), nullptr},
      {with({{"registryHosts", {"a.example:5000", "*.b.example"}}}), nullptr},
      {{{"providerName", "p"}}, "settings.artifactoryHost: is missing"},
      {{{"artifactoryHost", "a.example"}}, "settings.providerName: is missing"},
      {with({{"artifactoryHost", "https://acme.jfrog.io"}}), "settings.artifactoryHost"},
      {with({{"artifactoryHost", "acme.jfrog.io/artifactory"}}), "settings.artifactoryHost"},
      {with({{"artifactoryHost", "acme..io"}}), "settings.artifactoryHost", true},
      {with({{"artifactoryHost", 1}}), "settings.artifactoryHost: must be a string"},
      {with({{"providerName", ""}}), "settings.providerName"},
      {with({{"providerName", "a\nb"}}), "settings.providerName"},
      {with({{"providerName", std::string(256, 'p')}}), "settings.providerName"},
      {with({{"identityMapping", ""}}), "settings.identityMapping"},
      {with({{"projectKey", "\x7f"}}), "settings.projectKey"},
      {with({{"projectKey", nullptr}}), "settings.projectKey: must be a string"},
      {with({{"username", "a:b"}}), "settings.username"},
      {with({{"requireOptIn", "true"}}), "settings.requireOptIn: must be true or false"},
      {with({{"headers", {{"Cookie", "x"}}}}), "may not be set", true},
      {with({{"registryHosts", {"*.example"}}}), "settings.registryHosts"},
      {with({{"registryHosts", "a.example"}}), "settings.registryHosts: must be a list of strings"},
      {with({{"provider", "p"}}), "settings.provider: unknown setting"},
      {nullptr, "settings must be a mapping"},
  });
  expect_schema_names_all(settings);
}

}  // namespace
}  // namespace regcred::test
