// SPDX-License-Identifier: Apache-2.0
// One exchange: what becomes of each answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/exchange.hpp>
#include <regcred/jwt.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred {
namespace {

using nlohmann::json;
using test::fake_token;
using test::find_leak;
using test::IsOk;
using test::pod_claims;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char *url = "https://api.acme.example/oidc";
constexpr std::string_view facts =
    "; team \"purple\", host \"api.acme.example\", token's issuer \"https://oidc.example.com/cluster-1\", audience "
    "\"cloudsmith\", subject \"system:serviceaccount:purple-team:builder\"";

constexpr Refusal refusals[] = {
    {401, "invalid_client", Code::bad_config, "the client is unknown; correct settings.clientId"},
    {401, "", Code::denied, "no team trusts this token"},
    {429, "", Code::throttled, "wait"},
    {500, "", Code::denied, "the robot is unknown"},
};

class ExchangeTest : public ::testing::Test {
 protected:
  Result<json> send(Exchange::Party party) {
    Exchange exchange(host.host(), {token, *read_unverified_claims(token)}, std::move(party));
    return exchange.send(post_json(url, {{"jwt", token}}));
  }
  Result<json> send() {
    return send({.name = "Acme", .asked = "team " + shown("purple"), .host_setting = "settings.apiHost"});
  }
  Result<Credentials> credentials(const json &answer, const AnswerFields &fields) {
    Exchange exchange(host.host(), {token, *read_unverified_claims(token)}, {.name = "Acme"});
    return exchange.credentials(answer, fields);
  }

  test::FakeHost host;
  std::string token = fake_token(pod_claims());
};

TEST_F(ExchangeTest, a_bearer_token_is_a_header) {
  host.expect("POST", url).with_header("Authorization", "Bearer " + token).with_form({{"a", "1"}}).reply(200, "{}");
  HttpRequest request = post_form(url, {{"a", "1"}});
  add_bearer(request, {token, {}});
  Exchange exchange(host.host(), {token, {}}, {.name = "Acme"});
  EXPECT_THAT(exchange.send(std::move(request)), IsOk());
  EXPECT_EQ(host.problems(), std::vector<std::string>{});
}

// ---- Answers that are no credential ----

struct Answer {
  int status;
  std::string body;
  HttpHeaders headers;
  Code code;
  const char *words;
};

TEST_F(ExchangeTest, L1_every_answer_has_its_code_and_words_and_quotes_nothing) {
  const HttpHeaders html = {{"Content-Type", "text/html; charset=utf-8"}};
  const std::vector<Answer> table = {
      {400, R"({"error":"invalid_grant"})", {}, Code::denied, "Acme (HTTP 400, invalid_grant): the token is refused"},
      {400, R"({"error":"TOKEN quote-me-not"})", {}, Code::denied, "Acme (HTTP 400): the token is refused"},
      {400, R"({"error":["invalid_grant"]})", {}, Code::denied, "Acme (HTTP 400): the token is refused"},
      {403, "TOKEN", {}, Code::denied, "Acme (HTTP 403): the token is refused"},
      {422, "{}", {}, Code::denied, "Acme (HTTP 422): the token is refused"},
      {404, "TOKEN", {}, Code::bad_upstream, "this status is not documented; check settings.apiHost and the proxy"},
      {204, "", {}, Code::bad_upstream, "this status is not documented"},
      {408, "", {}, Code::unavailable, "it is failing"},
      {425, "", {}, Code::unavailable, "it is failing"},
      {500, "TOKEN", {}, Code::unavailable, "it is failing"},
      {502, "<html>TOKEN</html>", html, Code::unavailable, "Acme (HTTP 502): it is failing"},
      {429, "{}", {}, Code::throttled, "asks to wait"},
      {301, "", {{"Location", "https://evil.example:444/?t=TOKEN"}}, Code::bad_upstream, "host \"evil.example:444\""},
      {302,
       "",
       {{"Location", "https://TOKEN@evil.example/"}},
       Code::bad_upstream,
       "(HTTP 302) to host \"evil.example\"; not"},
      {307, "", {{"Location", "/login?TOKEN"}}, Code::bad_upstream, "another place on the same host"},
      {303, "", {{"Location", "https://TOKEN"}}, Code::bad_upstream, "an unreadable host"},
      {308, "", {}, Code::bad_upstream, "another place"},
      {200, "<html>TOKEN</html>", html, Code::bad_upstream, "a web page (HTTP 200) instead of Acme's answer"},
      {201, " \n<!doctype html>TOKEN", {}, Code::bad_upstream, "a web page (HTTP 201)"},
      {401, "<html>invalid_client</html>", html, Code::bad_upstream, "a web page (HTTP 401)"},
      {200,
       "TOKEN",
       {},
       Code::bad_upstream,
       "Acme's answer is not a JSON object; check settings.apiHost and the proxy"},
      {200, R"(["TOKEN"])", {}, Code::bad_upstream, "not a JSON object"},
      {200, R"({"a":"TOKEN)", {}, Code::bad_upstream, "not a JSON object"},
      {200, "", {}, Code::bad_upstream, "not a JSON object"},
  };
  for (Answer row : table) {
    const auto echo = [&](std::string &text) {
      if (const std::size_t at = text.find("TOKEN"); at != std::string::npos) text.replace(at, 5, token);
    };
    echo(row.body);
    for (auto &[name, value] : row.headers) echo(value);
    host.expect("POST", url).reply(row.status, row.body, row.headers).retry_after(std::chrono::seconds(9));
    const Result<json> answer = send();
    EXPECT_THAT(answer, StatusIs(row.code, AllOf(HasSubstr(row.words), EndsWith(std::string(facts))))) << row.status;
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().text, Not(HasSubstr("quote-me-not")));
    EXPECT_EQ(find_leak(token, answer.error().text), std::nullopt) << answer.error().text;
    EXPECT_EQ(answer.error().retry_after.has_value(), row.code == Code::throttled);
  }
  EXPECT_EQ(host.problems(), std::vector<std::string>{});
}

// One rule for what a status means, whichever of the two a backend uses.
TEST_F(ExchangeTest, failure_of_and_an_exchange_judge_every_status_alike) {
  for (int status = 202; status < 600; ++status) {
    host.expect("POST", url).reply(status);
    const Result<json> answer = send();
    ASSERT_FALSE(answer);
    HttpResponse response;
    response.status = status;
    EXPECT_EQ(answer.error().code, failure_of(response, "why").code) << status;
  }
}

TEST_F(ExchangeTest, a_documented_refusal_comes_before_the_general_words) {
  const std::vector<Answer> table = {
      {401, R"({"error":"invalid_client"})", {}, Code::bad_config, "(HTTP 401, invalid_client): the client is unknown"},
      {401, R"({"error":"invalid_grant"})", {}, Code::denied, "(HTTP 401, invalid_grant): no team trusts"},
      {401, "", {}, Code::denied, "(HTTP 401): no team trusts"},
      {401, "<html>", {}, Code::bad_upstream, "a web page"},
      {429, "", {}, Code::throttled, "(HTTP 429): wait"},
      {500, "", {}, Code::denied, "(HTTP 500): the robot is unknown"},
      {503, "", {}, Code::unavailable, "(HTTP 503): it is failing"},
  };
  for (const Answer &row : table) {
    host.expect("POST", url).reply(row.status, row.body).retry_after(std::chrono::seconds(9));
    const Result<json> answer = send({.name = "Acme", .refusals = refusals});
    EXPECT_THAT(answer, StatusIs(row.code, HasSubstr(row.words))) << row.status;
    EXPECT_EQ(answer.error().retry_after.has_value(), row.code == Code::throttled);
  }
}

// For registries that document sentences instead of error codes.
TEST_F(ExchangeTest, L1_a_refusal_may_be_known_by_a_part_of_a_text) {
  static constexpr Refusal sentences[] = {
      {0, "", Code::denied, "no such robot", "detail", "cannot be created"},
      {409, "", Code::bad_config, "two of them", "errors.0.message", "twice"},
      {401, "", Code::denied, "no team trusts this token"},
  };
  const std::vector<Answer> table = {
      {400, R"({"detail":"JWT cannot be created."})", {}, Code::denied, "(HTTP 400): no such robot"},
      {401, R"({"detail":"it cannot be created"})", {}, Code::denied, "(HTTP 401): no such robot"},
      {401, R"({"detail":"Cannot be created"})", {}, Code::denied, "(HTTP 401): no team trusts"},
      {401, R"({"detail":["cannot be created"]})", {}, Code::denied, "(HTTP 401): no team trusts"},
      {401, "cannot be created", {}, Code::denied, "(HTTP 401): no team trusts"},
      {404, R"({"detail":"cannot be created"})", {}, Code::bad_upstream, "not documented"},
      {503, R"({"detail":"cannot be created"})", {}, Code::unavailable, "it is failing"},
      {409, R"({"errors":[{"message":"listed twice"}]})", {}, Code::bad_config, "(HTTP 409): two of them"},
      {409, R"({"errors":[]})", {}, Code::bad_upstream, "not documented"},
  };
  for (const Answer &row : table) {
    host.expect("POST", url).reply(row.status, row.body);
    const Result<json> answer = send({.name = "Acme", .refusals = sentences});
    EXPECT_THAT(answer, StatusIs(row.code, AllOf(HasSubstr(row.words), Not(HasSubstr("created"))))) << row.body;
  }
}

TEST_F(ExchangeTest, no_response_keeps_the_hosts_code_and_sentence) {
  for (const Code code : {Code::unavailable, Code::timeout, Code::bad_upstream}) {
    host.expect("POST", url).fail(code, "cannot resolve api.acme.example; check the node's DNS");
    EXPECT_THAT(send(), StatusIs(code, AllOf(StartsWith("Acme (no complete answer): cannot resolve"),
                                             EndsWith(std::string(facts)))));
  }
}

TEST_F(ExchangeTest, an_expired_pod_token_is_the_cause_of_a_denial_and_of_nothing_else) {
  json claims = pod_claims();
  claims["exp"] = host.unix_now().count() - 90;
  token = fake_token(claims);
  host.expect("POST", url).reply(401);
  EXPECT_THAT(send(), StatusIs(Code::denied, HasSubstr("the pod's token expired 90 s ago by this node's clock")));
  host.expect("POST", url).reply(503);
  EXPECT_THAT(send(), StatusIs(Code::unavailable, Not(HasSubstr("expired"))));
}

TEST_F(ExchangeTest, a_text_is_bounded_and_printable_and_keeps_its_finding_whatever_the_claims) {
  const std::string hostile = "\x1b[31m\r\nregcred: ok\xe2\x80\xae\"" + std::string(3000, 'x');
  token = fake_token({{"iss", hostile}, {"sub", hostile}, {"aud", {hostile, hostile}}});
  for (const std::size_t asked_bytes : {10U, 100U, 600U}) {
    host.expect("POST", url).reply(401);
    const Result<json> answer = send({.name = "Acme", .asked = std::string(asked_bytes, 'a'), .refusals = refusals});
    EXPECT_THAT(answer, StatusIs(Code::denied, StartsWith("Acme (HTTP 401): no team trusts this token; a")));
    EXPECT_LE(answer.error().text.size(), 512U);
    EXPECT_FALSE(has_control_character(answer.error().text));
    EXPECT_EQ(answer.error().text.find('\xe2'), std::string::npos);
  }
  token = fake_token(json::object());
  host.expect("POST", url).reply(401);
  EXPECT_THAT(send(), StatusIs(Code::denied, HasSubstr("token's issuer none, audience none, subject none")));
}

TEST_F(ExchangeTest, a_failure_before_the_exchange_names_no_host) {
  const Exchange exchange(host.host(), {token, *read_unverified_claims(token)}, {.name = "Acme", .asked = "team a"});
  EXPECT_THAT(exchange.failed(Code::bad_request, "no such team").text,
              StartsWith("no such team; team a, token's issuer \"https://oidc.example.com/cluster-1\", audience"));
  EXPECT_THAT(exchange.facts(9), StartsWith("team a, token's issuer \"https://o...\", audience"));
}

// ---- Credentials ----

TEST_F(ExchangeTest, credentials_come_from_the_named_fields) {
  const json answer = {{"access_token", "s3cret"}, {"auth", {{"t", "inner"}, {"u", "robot"}}}, {"expires_in", 60}};
  const Result<Credentials> plain = credentials(answer, {.fixed_username = "token"});
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(plain->username, "token");
  EXPECT_EQ(plain->password.reveal(), "s3cret");
  EXPECT_EQ(plain->scope, Scope::image);
  EXPECT_EQ(plain->lifetime, std::chrono::seconds(60));
  const Result<Credentials> inner = credentials(
      answer, {.password = "auth.t", .username = "auth.u", .fixed_username = "x", .scope = Scope::registry});
  ASSERT_THAT(inner, IsOk());
  EXPECT_EQ(inner->username, "robot");
  EXPECT_EQ(inner->password.reveal(), "inner");
  EXPECT_EQ(inner->scope, Scope::registry);
  const json listed = {{"authorizationData",
                        json::array({{{"authorizationToken", "s3cret"}, {"expiresAt", host.unix_now().count() + 9}}})}};
  const Result<Credentials> of_list = credentials(listed, {.password = "authorizationData.0.authorizationToken",
                                                           .fixed_username = "AWS",
                                                           .expires_at = "authorizationData.0.expiresAt"});
  ASSERT_THAT(of_list, IsOk());
  EXPECT_EQ(of_list->password.reveal(), "s3cret");
  EXPECT_EQ(of_list->lifetime, std::chrono::seconds(9));
  EXPECT_EQ(credentials(answer, {.username = "user", .fixed_username = "x"})->username, "x");
  EXPECT_EQ(credentials({{"access_token", "s3cret"}, {"", "y"}}, {.fixed_username = "x"})->username, "x");
}

TEST_F(ExchangeTest, L1_fields_that_are_no_credential_are_named_and_not_quoted) {
  const std::string secret = "pa55-word-canary-0123456789";
  const std::vector<std::pair<json, const char *>> table = {
      {json::object(), "holds no \"t\"; check the proxy"},
      {{{"t", nullptr}}, "holds no \"t\""},
      {{{"t", 1}}, "a \"t\" that is not a text"},
      {{{"t", {secret}}}, "a \"t\" that is not a text"},
      {{{"t", ""}}, "a \"t\" that is empty; check the proxy"},
      {{{"t", secret + "\n"}}, "a \"t\" with blanks, control"},
      {{{"t", secret + " x"}}, "a \"t\" with blanks, control"},
      {{{"t", secret + std::string(1, '\0')}}, "a \"t\" with blanks, control"},
      {{{"t", secret + "é"}}, "non-ASCII"},
      {{{"t", std::string(65'537, 'x')}}, "a \"t\" of more than 64 KiB"},
      {{{"t", secret}, {"u", ""}}, "a \"u\" that is empty"},
      {{{"t", secret}, {"u", "a:b"}}, "a \"u\" that cannot be a username"},
      {{{"t", secret}, {"u", std::string(257, 'u')}}, "a \"u\" that cannot be a username"},
      {{{"t", secret}, {"u", {{"name", "x"}}}}, "a \"u\" that is not a text"},
  };
  for (const auto &[answer, words] : table) {
    const Result<Credentials> made = credentials(answer, {.password = "t", .username = "u", .fixed_username = "x"});
    EXPECT_THAT(made, StatusIs(Code::bad_upstream, HasSubstr(words)));
    EXPECT_EQ(find_leak(secret, made.error().text), std::nullopt);
  }
  EXPECT_THAT(credentials({{"t", secret}}, {.password = "t", .username = "u"}),
              StatusIs(Code::bad_upstream, HasSubstr("holds no \"u\"")));
}

TEST_F(ExchangeTest, M3_the_lifetime_is_the_shortest_that_the_answer_says) {
  const std::int64_t now = host.unix_now().count();  // 2025-06-15T15:06:40Z
  const auto jwt = [&](std::int64_t left) { return fake_token({{"exp", now + left}}); };
  using Lifetime = std::optional<std::chrono::seconds>;
  const auto s = [](std::int64_t seconds) { return Lifetime(std::chrono::seconds(seconds)); };
  const std::vector<std::pair<json, Lifetime>> table = {
      {{{"t", "opaque"}}, std::nullopt},
      {{{"t", "opaque"}, {"in", 3600}}, s(3600)},
      {{{"t", "opaque"}, {"in", "3600"}}, s(3600)},
      {{{"t", "opaque"}, {"in", 59.9}}, s(59)},
      {{{"t", "opaque"}, {"in", 0}}, s(0)},
      {{{"t", "opaque"}, {"in", 1e9}}, s(86'400)},
      {{{"t", "opaque"}, {"in", "soon"}}, s(0)},
      {{{"t", "opaque"}, {"in", "-5"}}, s(0)},
      {{{"t", "opaque"}, {"in", 1e300}}, s(0)},
      {{{"t", "opaque"}, {"in", {1}}}, s(0)},
      {{{"t", "opaque"}, {"at", now + 100}}, s(100)},
      {{{"t", "opaque"}, {"at", std::to_string(now + 100)}}, s(100)},
      {{{"t", "opaque"}, {"at", "2025-06-15T15:08:20Z"}}, s(100)},
      {{{"t", "opaque"}, {"at", "2025-06-15T17:08:20.123456789+02:00"}}, s(100)},
      {{{"t", "opaque"}, {"at", "2025-06-15 10:38:20-04:30"}}, s(100)},
      {{{"t", "opaque"}, {"at", "tomorrow"}}, s(0)},
      {{{"t", jwt(300)}}, s(300)},
      {{{"t", jwt(300)}, {"in", 200}}, s(200)},
      {{{"t", jwt(300)}, {"in", 400}}, s(300)},
      {{{"t", jwt(300)}, {"at", now + 250}, {"in", 900}}, s(250)},
      {{{"t", jwt(90'000)}}, s(86'400)},
  };
  for (const auto &[answer, lifetime] : table) {
    const Result<Credentials> made =
        credentials(answer, {.password = "t", .fixed_username = "u", .expires_in = "in", .expires_at = "at"});
    ASSERT_THAT(made, IsOk()) << answer;
    EXPECT_EQ(made->lifetime, lifetime) << answer;
  }
  EXPECT_EQ(host.log().at(0).text, "Acme gave a credential of unknown lifetime");
  EXPECT_EQ(host.log().at(1).text, "Acme gave a credential for 3600 s");
}

// Fails closed: of an unknown lifetime the kubelet keeps a credential as long as its own configuration says.
TEST_F(ExchangeTest, M3_an_expiry_that_cannot_be_read_forbids_caching) {
  const json unreadable[] = {"quote-me-not", "", "-5", 1e300, -1e300, 1e12, true, json::array(), json::object()};
  for (const json &value : unreadable) {
    const json jwt = "eyJhbGciOiJSUzI1NiJ9." + base64url_encode(json{{"exp", value}}.dump()) + ".c2ln";
    for (const json &answer : {json{{"t", "opaque"}, {"in", value}}, json{{"t", "opaque"}, {"at", value}},
                               json{{"t", "opaque"}, {"in", 3600}, {"at", value}}, json{{"t", jwt}}}) {
      const Result<Credentials> made =
          credentials(answer, {.password = "t", .fixed_username = "u", .expires_in = "in", .expires_at = "at"});
      ASSERT_THAT(made, IsOk()) << answer;
      EXPECT_EQ(made->lifetime, std::chrono::seconds(0)) << answer;
    }
  }
  EXPECT_EQ(host.log().at(0).level, LogLevel::warn);
  EXPECT_EQ(host.log().at(0).text, "Acme's answer holds a \"in\" that is not a time; not cached");
}

TEST_F(ExchangeTest, M3_what_is_expired_already_points_at_the_clock) {
  const std::int64_t now = host.unix_now().count();
  const std::vector<std::pair<json, const char *>> table = {
      {{{"t", "opaque"}, {"expires_in", -7}}, "expired 7 s ago, by its \"expires_in\""},
      {{{"t", "opaque"}, {"at", now}}, "expired 0 s ago, by its \"at\""},
      {{{"t", "opaque"}, {"at", "2025-06-15T15:05:00Z"}}, "expired 100 s ago, by its \"at\""},
      {{{"t", fake_token({{"exp", now - 120}})}, {"expires_in", 900}}, "expired 120 s ago, by its \"exp\""},
  };
  for (const auto &[answer, words] : table) {
    EXPECT_THAT(credentials(answer, {.password = "t", .fixed_username = "u", .expires_at = "at"}),
                StatusIs(Code::bad_upstream, AllOf(HasSubstr(words), HasSubstr("NTP"))));
  }
}

}  // namespace
}  // namespace regcred
