// SPDX-License-Identifier: Apache-2.0
// The parts of an exchange: the pod's token, bodies, times.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/exchange.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred {
namespace {

using nlohmann::json;
using test::fake_token;
using test::IsOk;
using test::pod_claims;
using test::StatusIs;
using ::testing::HasSubstr;

constexpr const char *acme_url = "https://api.acme.example/oidc";

// ---- The pod's token ----

Result<PodToken> pod_token_of(const std::string &text) {
  std::vector<regcred_pair> pairs;
  const test::FakeRequest fake = test::FakeRequest("r.example.com/app").token(text);
  const regcred_request_v1 raw = fake.raw(pairs);
  const Result<PodToken> token = pod_token(Request(&raw));
  if (token) {
    EXPECT_EQ(token->text, text);
  }
  return token;
}

TEST(PodTokenTest, is_a_compact_jwt_and_nothing_else) {
  const std::string jwt = fake_token(pod_claims());
  EXPECT_THAT(pod_token_of(jwt), IsOk());
  EXPECT_EQ(pod_token_of(jwt)->claims.subject, "system:serviceaccount:purple-team:builder");
  EXPECT_THAT(pod_token_of(""), StatusIs(Code::bad_request, HasSubstr("tokenAttributes")));
  for (const std::string &text : {std::string("opaque"), std::string("a.b.c"), jwt + ".x", jwt + "\"", jwt + "&a=b",
                                  jwt + "\r\nX: y", std::string(70'000, 'a')}) {
    EXPECT_THAT(pod_token_of(text), StatusIs(Code::bad_request, HasSubstr("not a JWT")));
  }
}

// ---- Requests ----

TEST(Bodies, a_form_is_encoded_in_order_and_may_repeat_a_name) {
  const HttpRequest request = post_form(acme_url, {{"aud", "a b"}, {"aud", "x&y=z+%\"\xc3\xa9"}, {"e", ""}});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, acme_url);
  EXPECT_EQ(request.body.reveal(), "aud=a%20b&aud=x%26y%3Dz%2B%25%22%C3%A9&e=");
  EXPECT_EQ(request.headers,
            (HttpHeaders{{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}}));
  EXPECT_EQ(post_form(acme_url, {}).body.reveal(), "");
}

TEST(Bodies, json_is_what_a_parser_reads_back) {
  const std::string hostile = "q\" b\\ \x01\x1f\r\n\t é </script>";
  const HttpRequest request = post_json(acme_url, {{"k\"", hostile}, {"e", ""}});
  EXPECT_EQ(json::parse(request.body.reveal()), (json{{"k\"", hostile}, {"e", ""}}));
  EXPECT_EQ(request.headers, (HttpHeaders{{"Content-Type", "application/json"}, {"Accept", "application/json"}}));
  EXPECT_EQ(post_json(acme_url, {}).body.reveal(), "{}");
}

// ---- Times ----

TEST(Rfc3339, only_a_whole_and_possible_time_is_one) {
  EXPECT_EQ(rfc3339_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(rfc3339_time("2000-02-29t23:59:60z"), 951'868'800);
  EXPECT_EQ(rfc3339_time("1969-12-31T23:59:59.999Z"), -1);
  for (const char *text : {"",
                           "2025-06-15",
                           "2025-06-15T15:06:40",
                           "2025-06-15T15:06:40.Z",
                           "2025-06-15T15:06:40.5",
                           "2025-06-31T15:06:40Z",
                           "2025-02-29T00:00:00Z",
                           "2025-13-01T00:00:00Z",
                           "2025-06-15T24:00:00Z",
                           "2025-06-15T15:60:00Z",
                           "2025-06-15T15:06:61Z",
                           "2025-06-15T15:06:40+2:00",
                           "2025-06-15T15:06:40+24:00",
                           "2025-06-15T15:06:40+02:60",
                           "2025-06-15T15:06:40+02-00",
                           "2025-06-15T15:06:40Z ",
                           " 2025-06-15T15:06:40Z",
                           "2025/06/15T15:06:40Z",
                           "2025-06-15X15:06:40Z",
                           "-025-06-15T15:06:40Z"}) {
    EXPECT_EQ(rfc3339_time(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace regcred
