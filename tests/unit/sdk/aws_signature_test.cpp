// SPDX-License-Identifier: Apache-2.0
// Signatures against published ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/aws.hpp>
#include <regcred/testing.hpp>

namespace regcred::aws {
namespace {

using std::chrono::seconds;
using ::testing::EndsWith;

constexpr const char *example_secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

struct Signed {
  HttpRequest request;
  std::string authorization;
};

Signed signed_request(std::string method, std::string url, HttpHeaders headers, std::string_view body, std::string id,
                      std::string_view token, std::string_view region, std::string_view service, std::int64_t now) {
  test::FakeHost host;
  Signed made{{.method = std::move(method), .url = std::move(url), .headers = std::move(headers)}, {}};
  made.request.body = Secret(body);
  const Keys keys{std::move(id), Secret(example_secret), Secret(token)};
  EXPECT_TRUE(sign(Crypto(host.host()), made.request, keys, {.region = region, .service = service}, seconds(now)));
  made.authorization = made.request.headers.back().second;
  return made;
}

// AWS's own test suite for Signature Version 4: 20150830T123600Z, us-east-1, "service".
std::string of_the_suite(const char *method, HttpHeaders headers, std::string_view body, std::string_view token = {}) {
  const Signed made = signed_request(method, "https://example.amazonaws.com/", std::move(headers), body, "AKIDEXAMPLE",
                                     token, "us-east-1", "service", 1'440'938'160);
  EXPECT_EQ(made.request.headers.end()[-2 - (token.empty() ? 0 : 1)].second, "20150830T123600Z");
  return made.authorization;
}

TEST(AwsSignature, signs_as_the_published_suite) {
  const std::string credential =
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=";
  EXPECT_EQ(of_the_suite("GET", {}, ""),
            credential + "host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(of_the_suite("POST", {}, ""),
            credential + "host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  EXPECT_EQ(of_the_suite("POST", {{"Content-Type", "application/x-www-form-urlencoded"}}, "Param1=value1"),
            credential +
                "content-type;host;x-amz-date, "
                "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
  EXPECT_EQ(
      of_the_suite("POST", {}, "",
                   "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfI"
                   "eoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0"
                   "wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC"
                   "9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="),
      credential +
          "host;x-amz-date;x-amz-security-token, "
          "Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead");
}

// Computed by another implementation for the two calls of the backend ecr.
TEST(AwsSignature, signs_the_real_calls_as_botocore_does) {
  const auto call = [](const char *url, const char *target, const char *id, const char *token, const char *region,
                       const char *service) {
    return signed_request("POST", url, {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", target}}, "{}",
                          id, token, region, service, 1'795'780'800)
        .authorization;
  };
  EXPECT_THAT(
      call("https://api.ecr.eu-central-1.amazonaws.com/", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
           "ASIAEXAMPLE", "session-token-example", "eu-central-1", "ecr"),
      EndsWith("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
               "Signature=e9cf393f7b75272a62c2635fd23f9894ba0e51e4a6cc314020fe4260aeb280e8"));
  EXPECT_THAT(call("https://api.ecr-public.us-east-1.amazonaws.com/", "SpencerFrontendService.GetAuthorizationToken",
                   "AKIDEXAMPLE", "", "us-east-1", "ecr-public"),
              EndsWith("Signature=5ac464f8f573ec6d1ff4a431f84925d7e06673ba80c87399102cd58e35d34016"));
}

// By botocore 1.44.8, too: segments of the path encoded once more, the query in order.
TEST(AwsSignature, signs_path_and_query_as_botocore_does) {
  const auto call = [](const char *method, const std::string &url, const char *service) {
    return signed_request(method, url, {}, "", "ASIAEXAMPLE", "session-token-example", "eu-central-1", service,
                          1'795'824'000)
        .authorization;
  };
  EXPECT_THAT(call("POST",
                   "https://codeartifact.eu-central-1.amazonaws.com/v1/authorization-token?domain=acme&"
                   "domain-owner=123456789012&duration=900",
                   "codeartifact"),
              EndsWith("Signature=d137042d6243aef63e6f00548a0776e775b57cb3b999aa25bca879c9b737ef2f"));
  const std::string api = "https://a1b2c3.execute-api.eu-central-1.amazonaws.com";
  EXPECT_THAT(call("GET", api + "/prod/team%20a/token?team-id=1&team=b%2Fc&team=a&empty", "execute-api"),
              EndsWith("Signature=03dbb073c9e42c4a6a3cee8b272bdba95b541051105f85cc8a94202f8ddd1187"));
  for (const char *root : {"", "/", "?", "/?"}) {
    EXPECT_THAT(call("GET", api + root, "execute-api"),
                EndsWith("Signature=1dc5c3cb9ea5117d6c714a61f79909889f59124dacfbb963ac85ea69c10e4959"))
        << root;
  }
}

TEST(AwsSignature, fails_as_the_host_does) {
  test::FakeHost host;
  host.withhold(REGCRED_SERVICE_CRYPTO);
  HttpRequest request{.method = "POST", .url = "https://a.example/"};
  const auto done = sign(Crypto(host.host()), request, {"id", Secret("s"), {}}, {"r", "s"}, seconds(0));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::internal);
}

}  // namespace
}  // namespace regcred::aws
