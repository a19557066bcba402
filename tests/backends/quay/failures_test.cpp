// SPDX-License-Identifier: Apache-2.0
// Every way in which the exchange fails: the code, and the words that send the operator to the right place.
#include "backends/quay/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::_;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const HttpHeaders json_type = {{"Content-Type", "application/json"}};
const HttpHeaders html_type = {{"Content-Type", "text/html; charset=utf-8"}};

std::vector<Fault> faults() {
  const std::vector<const char *> misfit = {"no token for this robot", "another issuer or subject", "discovery"};
  const Code denied = Code::denied;
  const Code upstream = Code::bad_upstream;
  return {
      {"documented refusal", 401, R"({"error":"quote-me-not TOKEN"})", json_type, denied, misfit},
      {"refusal without a body", 401, "", {}, denied, misfit},
      {"bad request", 400, R"({"error":"quote-me-not"})", json_type, denied, misfit},
      {"forbidden", 403, "TOKEN", {}, denied, misfit},
      {"uncaught mismatch",
       500,
       "quote-me-not TOKEN",
       {},
       Code::unavailable,
       {"HTTP 500", "robot's federation does not fit", "status page"}},
      {"old Quay", 404, "{}", json_type, upstream, {"HTTP 404", "Quay 3.13", "settings.apiHost"}},
      {"throttled", 429, "TOKEN", {}, Code::throttled, {"HTTP 429"}},
      {"gateway", 502, "<html>TOKEN</html>", html_type, Code::unavailable, {"HTTP 502"}},
      {"down", 503, "", {}, Code::unavailable, {"HTTP 503"}},
      {"redirect",
       302,
       "TOKEN",
       {{"Location", "https://evil.example.net/take?t=TOKEN#PASSWORD"}},
       upstream,
       {"HTTP 302", "evil.example.net", "not followed"}},
      {"page", 200, "<html>TOKEN</html>", html_type, upstream, {"a web page", "settings.apiHost"}},
      {"page with 403", 403, "<html>blocked TOKEN</html>", html_type, upstream, {"a web page", "HTTP 403"}},
      {"teapot", 418, "TOKEN", {}, upstream, {"HTTP 418"}},
      {"no content", 204, "", {}, upstream, {"HTTP 204"}},
      {"not json", 200, "token=PASSWORD", {}, upstream, {"not a JSON object"}},
      {"truncated json", 200, R"({"token":"PASSWORD)", json_type, upstream, {"not a JSON object"}},
      {"list", 200, R"(["PASSWORD"])", json_type, upstream, {"not a JSON object"}},
      {"deep", 200, std::string(5000, '[') + std::string(5000, ']'), json_type, upstream, {"not a JSON object"}},
      {"empty", 200, "", json_type, upstream, {"not a JSON object"}},
      {"no token", 200, R"({"access_token":"PASSWORD"})", json_type, upstream, {"holds no \"token\""}},
      {"null token", 200, R"({"token":null})", json_type, upstream, {"holds no \"token\""}},
      {"empty token", 200, R"({"token":""})", json_type, upstream, {"\"token\" that is empty"}},
      {"token of a wrong type",
       200,
       R"({"token":{"jwt":"PASSWORD"}})",
       json_type,
       upstream,
       {"\"token\" that is not a text"}},
      {"token with newline", 200, R"({"token":"PASSWORD\nx"})", json_type, upstream, {"\"token\" with blanks"}},
      {"token with nul", 200, R"({"token":"PASSWORD\u0000"})", json_type, upstream, {"\"token\" with blanks"}},
      {"huge token", 200, R"({"token":")" + std::string(65'537, 'x') + R"("})", json_type, upstream, {"64 KiB"}},
  };
}

// The body and headers of each fault echo both secrets, as an unfriendly server would: none may be seen (L1).
TEST_F(Quay, L1_every_fault_is_told_without_token_password_or_body) {
  for (const Fault &fault : faults()) {
    SCOPED_TRACE(fault.what);
    FakeHost fake;
    password = robot_token(3600);
    HttpHeaders headers = fault.headers;
    for (auto &[name, value] : headers) value = with_canaries(value);
    headers.emplace_back("X-Echo", basic("acme+puller"));
    fake.expect("GET", default_url)
        .reply(fault.status, with_canaries(fault.body), headers)
        .retry_after(std::chrono::seconds(77));
    const Outcome outcome = run(backend(), default_settings, image(), fake);
    EXPECT_THAT(outcome, StatusIs(fault.code, _));
    for (const char *word : fault.words) EXPECT_THAT(outcome.text, HasSubstr(word));
    // What to look at, in every one of them.
    EXPECT_THAT(outcome.text, AllOf(HasSubstr("robot \"acme+puller\""), HasSubstr("host \"quay.io\""),
                                    HasSubstr("issuer \"https://oidc.example.com/cluster-1\""),
                                    HasSubstr("subject \"system:serviceaccount:purple-team:builder\"")));
    EXPECT_THAT(outcome.text, Not(HasSubstr("quote-me-not")));
    EXPECT_EQ(outcome.retry_after.has_value(), fault.code == Code::throttled);
    for (const std::string &secret : {pod_token, password, "acme+puller:" + pod_token}) {
      EXPECT_EQ(find_leak(secret, outcome.text), std::nullopt) << outcome.text;
      for (const FakeHost::LogLine &line : fake.log()) EXPECT_EQ(find_leak(secret, line.text), std::nullopt);
    }
  }
}

// No response: the host's code stays, its sentence comes first.
TEST_F(Quay, a_host_that_is_not_reached_keeps_its_code) {
  for (const Code code : {Code::unavailable, Code::timeout, Code::bad_upstream, Code::bad_request}) {
    FakeHost fake;
    fake.expect("GET", default_url).fail(code, "cannot resolve quay.io; check the node's DNS");
    EXPECT_THAT(run(backend(), default_settings, image(), fake),
                StatusIs(code, AllOf(HasSubstr("cannot resolve"), HasSubstr("robot \"acme+puller\""))));
  }
}

TEST_F(Quay, an_expired_pod_token_is_named_as_the_cause_of_401) {
  json claims = pod_claims();
  claims["exp"] = host.unix_now().count() - 90;
  pod_token = fake_token(claims);
  host.expect("GET", default_url).reply(401, "{}");
  EXPECT_THAT(ask(default_settings, image()), StatusIs(Code::denied, HasSubstr("pod's token expired 90 s ago")));
}

TEST_F(Quay, L1_an_expired_answer_points_at_the_clock) {
  password = robot_token(-120);
  host.expect("GET", default_url).reply(200, token_json(password));
  const Outcome outcome = ask(default_settings, image());
  EXPECT_THAT(outcome, StatusIs(Code::bad_upstream, AllOf(HasSubstr("expired 120 s ago"), HasSubstr("NTP"))));
  expect_no_leak(outcome);
}

// The longest values that can occur still leave the finding and a bounded line.
TEST_F(Quay, the_text_is_bounded_and_printable_whatever_the_claims) {
  const std::string hostile = "\x1b[31m\r\nregcred: ok\xe2\x80\xae\"" + std::string(3000, 'x');
  pod_token = fake_token({{"iss", hostile}, {"sub", hostile}, {"aud", {hostile, hostile}}});
  const std::string label(63, 'h');
  const std::string api_host = label + "." + label + "." + label + ".example.com:50000";
  const std::string settings =
      json{{"robot", std::string(255, 'a') + "+" + std::string(255, 'b')}, {"apiHost", api_host}}.dump();
  host.expect("GET", "https://" + api_host + "/oauth2/federation/robot/token").reply(401, "{}");
  const Outcome outcome = ask(settings, image(api_host + "/acme/app"));
  EXPECT_THAT(outcome, StatusIs(Code::denied, AllOf(HasSubstr("no token for this robot"), HasSubstr("issuer \""))));
  EXPECT_LE(outcome.text.size(), 512U);
  EXPECT_EQ(outcome.text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace regcred::test
