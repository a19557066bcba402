// SPDX-License-Identifier: Apache-2.0
// Every way in which the exchange fails: the code, and the words that send the operator to the right place.
#include "backends/cloudsmith/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CloudsmithFault : public Cloudsmith, public ::testing::WithParamInterface<Fault> {};

// The body and headers of each fault echo both secrets, as an unfriendly server would: none may be seen (L1).
TEST_P(CloudsmithFault, L1_is_told_without_token_password_or_body) {
  const Fault &fault = GetParam();
  password = api_token(7200);
  HttpHeaders headers = fault.headers;
  for (auto &[name, value] : headers) value = with_canaries(value);
  headers.emplace_back("X-Echo", pod_token);
  headers.emplace_back("X-RateLimit-Remaining", password);
  host.expect("POST", default_url)
      .reply(fault.status, with_canaries(fault.body), headers)
      .retry_after(std::chrono::seconds(3304));
  const Outcome outcome = ask(default_settings, image());
  EXPECT_THAT(outcome, StatusIs(fault.code, ::testing::_));
  for (const char *word : fault.words) EXPECT_THAT(outcome.text, HasSubstr(word));
  // What to look at, in every one of them.
  EXPECT_THAT(outcome.text,
              AllOf(HasSubstr("org \"acme\""), HasSubstr("service \"ci-x1\""), HasSubstr("host \"api.cloudsmith.io\""),
                    HasSubstr("issuer \"https://oidc.example.com/cluster-1\""), HasSubstr("audience \"cloudsmith\""),
                    HasSubstr("subject \"system:serviceaccount:purple-team:builder\"")));
  EXPECT_THAT(outcome.text, Not(HasSubstr("quote-me-not")));
  const bool waits = fault.code == Code::throttled;
  EXPECT_EQ(outcome.retry_after.has_value(), waits);
  expect_no_leak(outcome);
}

constexpr const char *settings_hint = "provider URL = issuer, claims match, service account assigned";
const HttpHeaders json_type = {{"Content-Type", "application/json"}};
const HttpHeaders html_type = {{"Content-Type", "text/html; charset=utf-8"}};

INSTANTIATE_TEST_SUITE_P(
    table, CloudsmithFault,
    ::testing::Values(
        Fault{"s400",
              400,
              R"({"detail":"JWT cannot be created quote-me-not TOKEN"})",
              json_type,
              Code::denied,
              {"HTTP 400", "no token for this service", "correct serviceSlug, or assign"}},
        Fault{"s400_without_detail", 400, "{}", json_type, Code::denied, {"HTTP 400", "no token for this service"}},
        Fault{"s401",
              401,
              R"({"detail":"OIDC token cannot be authenticated TOKEN"})",
              json_type,
              Code::denied,
              {"HTTP 401", "does not fit any OIDC setting", settings_hint}},
        Fault{"s403",
              403,
              R"({"detail":"quote-me-not PASSWORD"})",
              json_type,
              Code::denied,
              {"HTTP 403", "forbids", "OIDC is enabled"}},
        Fault{"s404",
              404,
              R"({"detail":"Not found. TOKEN"})",
              json_type,
              Code::denied,
              {"HTTP 404", "no such organisation", "orgSlug", "apiHost"}},
        Fault{"s422",
              422,
              R"({"detail":"missing or invalid parameters","fields":{"oidc_token":["TOKEN"]}})",
              json_type,
              Code::denied,
              {"HTTP 422", "parameters missing or invalid", "service slug"}},
        Fault{"detail_counts_before_the_status",
              400,
              R"({"detail":"OIDC token cannot be authenticated"})",
              json_type,
              Code::denied,
              {"HTTP 400", "does not fit any OIDC setting"}},
        Fault{"detail_of_a_wrong_type", 401, R"({"detail":["TOKEN"]})", json_type, Code::denied, {"HTTP 401"}},
        Fault{"s429",
              429,
              R"({"detail":"Request was throttled. TOKEN"})",
              json_type,
              Code::throttled,
              {"HTTP 429", "NAT", "cache longer"}},
        Fault{"s408", 408, "TOKEN", {}, Code::unavailable, {"HTTP 408", "try again later"}},
        Fault{"s500", 500, "TOKEN", {}, Code::unavailable, {"HTTP 500", "status page"}},
        Fault{"s502_with_a_page", 502, "<html>TOKEN PASSWORD</html>", html_type, Code::unavailable, {"HTTP 502"}},
        Fault{"s503", 503, "", {}, Code::unavailable, {"HTTP 503"}},
        Fault{"s302",
              302,
              "TOKEN",
              {{"Location", "https://evil.example.net:444/take?t=TOKEN#PASSWORD"}},
              Code::bad_upstream,
              {"HTTP 302", "host \"evil.example.net:444\"", "not followed"}},
        Fault{"s307_with_user_info",
              307,
              "",
              {{"Location", "https://TOKEN:PASSWORD@evil.example.net/"}},
              Code::bad_upstream,
              {"HTTP 307", "host \"evil.example.net\""}},
        Fault{"s308_relative",
              308,
              "",
              {{"Location", "/openid/acme?t=TOKEN"}},
              Code::bad_upstream,
              {"HTTP 308", "another place on the same host"}},
        Fault{"s301_unreadable",
              301,
              "",
              {{"Location", "https://TOKEN"}},
              Code::bad_upstream,
              {"HTTP 301", "an unreadable host"}},
        Fault{"s303_without_location", 303, "", {}, Code::bad_upstream, {"HTTP 303"}},
        Fault{"page_by_its_type",
              200,
              "<html>TOKEN</html>",
              html_type,
              Code::bad_upstream,
              {"HTTP 200", "a web page", "proxy", "apiHost"}},
        Fault{"page_by_its_looks", 201, " \r\n<!DOCTYPE html>PASSWORD", {}, Code::bad_upstream, {"a web page"}},
        Fault{"page_with_403",
              403,
              "<html>blocked TOKEN</html>",
              html_type,
              Code::bad_upstream,
              {"HTTP 403", "a web page", "firewall"}},
        Fault{"s204", 204, "", {}, Code::bad_upstream, {"HTTP 204", "not documented"}},
        Fault{"s418", 418, "TOKEN", {}, Code::bad_upstream, {"HTTP 418", "not documented"}},
        Fault{"not_json", 200, "token=PASSWORD", {}, Code::bad_upstream, {"not a JSON object"}},
        Fault{"truncated_json", 201, R"({"token":"PASSWORD)", json_type, Code::bad_upstream, {"not a JSON object"}},
        Fault{"json_list", 201, R"(["PASSWORD"])", json_type, Code::bad_upstream, {"not a JSON object"}},
        Fault{"deep_json",
              201,
              std::string(5000, '[') + std::string(5000, ']'),
              json_type,
              Code::bad_upstream,
              {"not a JSON object"}},
        Fault{"deep_json_object",
              201,
              [] {
                std::string text;
                for (int i = 0; i < 5000; ++i) text += R"({"a":)";
                return text + "1" + std::string(5000, '}');
              }(),
              json_type,
              Code::bad_upstream,
              {"not a JSON object"}},
        Fault{"empty_body", 201, "", json_type, Code::bad_upstream, {"not a JSON object"}},
        Fault{"no_token", 201, R"({"access_token":"PASSWORD"})", json_type, Code::bad_upstream, {"holds no \"token\""}},
        Fault{"empty_token", 201, R"({"token":""})", json_type, Code::bad_upstream, {"a \"token\" that is empty"}},
        Fault{"token_of_a_wrong_type",
              201,
              R"({"token":{"jwt":"PASSWORD"}})",
              json_type,
              Code::bad_upstream,
              {"a \"token\" that is not a text"}},
        Fault{"null_token", 201, R"({"token":null})", json_type, Code::bad_upstream, {"holds no \"token\""}},
        Fault{"token_with_newline",
              201,
              R"({"token":"PASSWORD\nx"})",
              json_type,
              Code::bad_upstream,
              {"blanks, control or non-ASCII characters"}},
        Fault{"token_with_blank",
              201,
              R"({"token":"PASSWORD x"})",
              json_type,
              Code::bad_upstream,
              {"blanks, control or non-ASCII characters"}},
        Fault{"token_with_nul",
              201,
              R"({"token":"PASSWORD\u0000"})",
              json_type,
              Code::bad_upstream,
              {"blanks, control or non-ASCII characters"}},
        Fault{"token_not_ascii",
              201,
              R"({"token":"PASSWORDé"})",
              json_type,
              Code::bad_upstream,
              {"blanks, control or non-ASCII characters"}},
        Fault{"huge_token",
              201,
              R"({"token":")" + std::string(65'537, 'x') + R"("})",
              json_type,
              Code::bad_upstream,
              {"more than 64 KiB"}}),
    [](const auto &row) { return std::string(row.param.what); });

TEST_F(Cloudsmith, L1_an_expired_answer_points_at_the_clock) {
  password = api_token(-120);
  host.expect("POST", default_url).reply(201, token_json(password));
  const Outcome outcome = ask(default_settings, image());
  EXPECT_THAT(outcome, StatusIs(Code::bad_upstream, AllOf(HasSubstr("expired 120 s ago"), HasSubstr("NTP"))));
  expect_no_leak(outcome);
}

TEST_F(Cloudsmith, an_expired_pod_token_is_named_as_the_cause_of_401) {
  json claims = pod_claims();
  claims["exp"] = host.unix_now().count() - 90;
  pod_token = fake_token(claims);
  host.expect("POST", default_url).reply(401, "{}");
  EXPECT_THAT(ask(default_settings, image()), StatusIs(Code::denied, HasSubstr("pod's token expired 90 s ago")));
}

TEST_F(Cloudsmith, without_a_service_the_mapping_is_named) {
  for (const auto &[status, words] :
       {std::pair(400, "map one, or set serviceSlug"), std::pair(422, "need serviceSlug")}) {
    FakeHost fake;
    fake.expect("POST", default_url).reply(status, "{}");
    EXPECT_THAT(run(backend(), "{}", image(), fake),
                StatusIs(Code::denied, AllOf(HasSubstr(words), HasSubstr("service none: mapped by claim"))));
  }
}

TEST_F(Cloudsmith, throttling_without_retry_after_gives_no_time) {
  host.expect("POST", default_url).reply(429, "{}");
  const Outcome outcome = ask(default_settings, image());
  EXPECT_THAT(outcome, StatusIs(Code::throttled, HasSubstr("HTTP 429")));
  EXPECT_EQ(outcome.retry_after, std::nullopt);
}

// No response: the host's code stays, its sentence comes first.
TEST_F(Cloudsmith, a_host_that_is_not_reached_keeps_its_code) {
  for (const Code code : {Code::unavailable, Code::timeout, Code::bad_upstream, Code::bad_request}) {
    FakeHost fake;
    fake.expect("POST", default_url).fail(code, "cannot resolve api.cloudsmith.io; check the node's DNS");
    EXPECT_THAT(run(backend(), default_settings, image(), fake),
                StatusIs(code, AllOf(::testing::StartsWith(code == Code::bad_request
                                                               ? "Cloudsmith (not sent): cannot resolve"
                                                               : "Cloudsmith (no complete answer): cannot resolve"),
                                     HasSubstr("org \"acme\""))));
  }
}

TEST_F(Cloudsmith, a_token_that_is_none_is_never_sent) {
  const std::string jwt = fake_token(pod_claims());
  const std::vector<std::pair<std::string, const char *>> tokens = {
      {"", "tokenAttributes"},
      {"opaque", "not a JWT"},
      {"a.b", "not a JWT"},
      {"a.b.c", "not a JWT"},
      {jwt + ".x", "not a JWT"},
      {jwt + "\"", "not a JWT"},
      {jwt + "\r\nX: y", "not a JWT"},
      {std::string(70'000, 'a'), "not a JWT"},
      {"e30." + base64url_encode("[]") + ".c", "not a JWT"}};
  for (const auto &[token, words] : tokens) {
    FakeHost fake;
    const Outcome outcome = run(backend(), default_settings, FakeRequest(own_image).token(token), fake);
    EXPECT_THAT(outcome, StatusIs(Code::bad_request, HasSubstr(words)));
    EXPECT_TRUE(fake.calls().empty());
    if (token.size() > 12) {
      EXPECT_EQ(find_leak(token, outcome.text), std::nullopt);
    }
  }
}

// The longest values that can occur still leave the finding and a bounded line.
TEST_F(Cloudsmith, the_text_is_bounded_and_printable_whatever_the_claims) {
  const std::string hostile = "\x1b[31m\r\nregcred: ok\xe2\x80\xae\"" + std::string(3000, 'x');
  pod_token = fake_token({{"iss", hostile}, {"sub", hostile}, {"aud", {hostile, hostile}}});
  const std::string settings = json{{"orgSlug", std::string(100, 'o')},
                                    {"serviceSlug", std::string(100, 's')},
                                    {"apiHost", std::string(60, 'a') + "." + std::string(60, 'b') + ".example.com"}}
                                   .dump();
  host.expect("POST", "https://" + std::string(60, 'a') + "." + std::string(60, 'b') + ".example.com/openid/" +
                          std::string(100, 'o') + "/")
      .reply(401, "{}");
  const Outcome outcome = ask(settings, image());
  EXPECT_THAT(outcome, StatusIs(Code::denied, HasSubstr("does not fit any OIDC setting")));
  EXPECT_LE(outcome.text.size(), 512U);
  EXPECT_EQ(outcome.text.find('\x1b'), std::string::npos);
}

TEST_F(Cloudsmith, claims_that_are_missing_are_said_to_be) {
  pod_token = fake_token(json::object());
  host.expect("POST", default_url).reply(401, "{}");
  EXPECT_THAT(ask(default_settings, image()),
              StatusIs(Code::denied, HasSubstr("token's issuer none, audience none, subject none")));
}

}  // namespace
}  // namespace regcred::test
