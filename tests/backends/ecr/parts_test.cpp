// SPDX-License-Identifier: Apache-2.0
// Signatures against published ones, image hosts of every partition, ARNs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/testing.hpp>
#include <vector>

#include "options.hpp"
#include "registry.hpp"
#include "sigv4.hpp"

namespace ecr {
namespace {

using std::chrono::seconds;

constexpr const char *example_secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

struct Signed {
  regcred::HttpRequest request;
  std::string authorization;
};

Signed signed_request(std::string method, std::string url, regcred::HttpHeaders headers, std::string_view body,
                      std::string id, std::string_view token, std::string_view region, std::string_view service,
                      std::int64_t now) {
  regcred::test::FakeHost host;
  Signed made{{.method = std::move(method), .url = std::move(url), .headers = std::move(headers)}, {}};
  made.request.body = regcred::Secret(body);
  const Keys keys{std::move(id), regcred::Secret(example_secret), regcred::Secret(token)};
  EXPECT_TRUE(sign(regcred::Crypto(host.host()), made.request, keys, region, service, seconds(now)));
  made.authorization = made.request.headers.back().second;
  return made;
}

// AWS's own test suite for Signature Version 4: 20150830T123600Z, us-east-1, "service".
std::string of_the_suite(const char *method, regcred::HttpHeaders headers, std::string_view body,
                         std::string_view token = {}) {
  const Signed made = signed_request(method, "https://example.amazonaws.com/", std::move(headers), body, "AKIDEXAMPLE",
                                     token, "us-east-1", "service", 1'440'938'160);
  EXPECT_EQ(made.request.headers.end()[-2 - (token.empty() ? 0 : 1)].second, "20150830T123600Z");
  return made.authorization;
}

TEST(SigV4, signs_as_the_published_suite) {
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

// Computed by another implementation for the two calls that this backend makes.
TEST(SigV4, signs_the_real_calls_as_botocore_does) {
  const auto call = [](const char *url, const char *target, const char *id, const char *token, const char *region,
                       const char *service) {
    return signed_request("POST", url, {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", target}}, "{}",
                          id, token, region, service, 1'795'780'800)
        .authorization;
  };
  EXPECT_THAT(
      call("https://api.ecr.eu-central-1.amazonaws.com/", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
           "ASIAEXAMPLE", "session-token-example", "eu-central-1", "ecr"),
      ::testing::EndsWith("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
                          "Signature=e9cf393f7b75272a62c2635fd23f9894ba0e51e4a6cc314020fe4260aeb280e8"));
  EXPECT_THAT(call("https://api.ecr-public.us-east-1.amazonaws.com/", "SpencerFrontendService.GetAuthorizationToken",
                   "AKIDEXAMPLE", "", "us-east-1", "ecr-public"),
              ::testing::EndsWith("Signature=5ac464f8f573ec6d1ff4a431f84925d7e06673ba80c87399102cd58e35d34016"));
}

TEST(SigV4, fails_as_the_host_does) {
  regcred::test::FakeHost host;
  host.withhold(REGCRED_SERVICE_CRYPTO);
  regcred::HttpRequest request{.method = "POST", .url = "https://a.example/"};
  const auto done = sign(regcred::Crypto(host.host()), request, {"id", regcred::Secret("s"), {}}, "r", "s", seconds(0));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, regcred::Code::internal);
}

struct Place {
  const char *host;
  const char *partition;
  const char *region;
  const char *sts;
  const char *ecr;
};

TEST(Registries, each_partition_and_form_has_its_services) {
  const Place places[] = {
      {"123456789012.dkr.ecr.eu-central-1.amazonaws.com", "aws", "eu-central-1", "sts.eu-central-1.amazonaws.com",
       "api.ecr.eu-central-1.amazonaws.com"},
      {"123456789012.dkr.ecr-fips.us-east-2.amazonaws.com", "aws", "us-east-2", "sts-fips.us-east-2.amazonaws.com",
       "api.ecr-fips.us-east-2.amazonaws.com"},
      {"123456789012.dkr-ecr.ap-southeast-1.on.aws", "aws", "ap-southeast-1", "sts.ap-southeast-1.api.aws",
       "ecr.ap-southeast-1.api.aws"},
      {"123456789012.dkr-ecr-fips.us-west-2.on.aws", "aws", "us-west-2", "sts-fips.us-west-2.api.aws",
       "ecr-fips.us-west-2.api.aws"},
      {"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "aws-us-gov", "us-gov-west-1",
       "sts.us-gov-west-1.amazonaws.com", "api.ecr-fips.us-gov-west-1.amazonaws.com"},
      {"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "aws-cn", "cn-north-1", "sts.cn-north-1.amazonaws.com.cn",
       "api.ecr.cn-north-1.amazonaws.com.cn"},
      {"123456789012.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn", "aws-cn", "cn-northwest-1",
       "sts.cn-northwest-1.api.amazonwebservices.com.cn", "ecr.cn-northwest-1.api.amazonwebservices.com.cn"},
      {"123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "aws-eusc", "eusc-de-east-1",
       "sts.eusc-de-east-1.amazonaws.eu", "api.ecr.eusc-de-east-1.amazonaws.eu"},
      {"123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "aws-iso", "us-iso-east-1", "sts.us-iso-east-1.c2s.ic.gov",
       "api.ecr.us-iso-east-1.c2s.ic.gov"},
      {"123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "aws-iso-b", "us-isob-east-1",
       "sts.us-isob-east-1.sc2s.sgov.gov", "api.ecr.us-isob-east-1.sc2s.sgov.gov"},
      {"123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "aws-iso-e", "eu-isoe-west-1",
       "sts.eu-isoe-west-1.cloud.adc-e.uk", "api.ecr.eu-isoe-west-1.cloud.adc-e.uk"},
      {"123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "aws-iso-f", "us-isof-south-1",
       "sts.us-isof-south-1.csp.hci.ic.gov", "api.ecr.us-isof-south-1.csp.hci.ic.gov"},
      {"public.ecr.aws", "aws", "us-east-1", "sts.us-east-1.amazonaws.com", "api.ecr-public.us-east-1.amazonaws.com"},
      {"ecr-public.aws.com", "aws", "us-east-1", "sts.us-east-1.api.aws", "ecr-public.us-east-1.api.aws"},
  };
  for (const Place &place : places) {
    const std::optional<Registry> registry = registry_of(place.host);
    ASSERT_TRUE(registry) << place.host;
    EXPECT_EQ(registry->partition->name, place.partition) << place.host;
    EXPECT_EQ(registry->region, place.region);
    EXPECT_EQ(sts_host(*registry), place.sts);
    EXPECT_EQ(ecr_host(*registry), place.ecr);
  }
}

TEST(Registries, H7_a_domain_and_a_region_of_two_partitions_are_no_registry) {
  for (const char *host : {"123456789012.dkr.ecr.cn-north-1.amazonaws.com",
                           "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn",
                           "123456789012.dkr.ecr.us-east-1.amazonaws.eu",
                           "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com.cn",
                           "123456789012.dkr.ecr.us-iso-east-1.amazonaws.com",
                           "123456789012.dkr.ecr.us-isob-east-1.c2s.ic.gov",
                           "123456789012.dkr.ecr.us-east-1.on.aws",
                           "123456789012.dkr-ecr.us-east-1.amazonaws.com",
                           "123456789012.dkr-ecr.eusc-de-east-1.",
                           "123456789012.dkr-ecr.eusc-de-east-1",
                           "12345678901.dkr.ecr.us-east-1.amazonaws.com",
                           "1234567890123.dkr.ecr.us-east-1.amazonaws.com",
                           "a23456789012.dkr.ecr.us-east-1.amazonaws.com",
                           "123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example",
                           "123456789012.dkr.ecr.us-east-1.evil.example",
                           "123456789012.dkr.ecr.evil.amazonaws.com",
                           "123456789012.dkr.ecr.us-east.amazonaws.com",
                           "123456789012.dkr.ecr.us--1.amazonaws.com",
                           "123456789012.dkr.ecr.us-east-1a.amazonaws.com",
                           "123456789012.dkr.ecr..amazonaws.com",
                           "123456789012.dkr.ecr.x.us-east-1.amazonaws.com",
                           "123456789012.dkr.ecr",
                           "public.ecr.aws.evil.example",
                           "x.public.ecr.aws",
                           "docker.io",
                           ""}) {
    EXPECT_FALSE(registry_of(host)) << host;
  }
}

TEST(Roles, an_arn_is_read_strictly) {
  EXPECT_EQ(partition_of_role("arn:aws:iam::123456789012:role/puller"), "aws");
  EXPECT_EQ(partition_of_role("arn:aws-iso-b:iam::123456789012:role/a/b/x+=,.@-_9"), "aws-iso-b");
  for (const char *arn :
       {"", "arn:aws:iam::123456789012:role/", "arn:aws:iam::12345678901:role/x", "arn:aws:iam::123456789012:user/x",
        "arn:aws:iam:us-east-1:123456789012:role/x", "arn::iam::123456789012:role/x", "arn:iam::123456789012:role/x",
        "arn:aws:iam::role/x", "arn:aws:iam::123456789012:role/a b", "arn:aws:iam::123456789012:role/a\r\nb",
        "arn:aws:iam::123456789012:role/{namespace}", "arn:AWS:iam::123456789012:role/x",
        "arn:aws:iam::12345678901x:role/x", "arn:aws:iam::123456789012:role/*", "arn:aws:sts::123456789012:role/x",
        " arn:aws:iam::123456789012:role/x", "arn:aws:iam::123456789012:role/x:y"}) {
    EXPECT_FALSE(partition_of_role(arn)) << arn;
  }
  EXPECT_FALSE(partition_of_role("arn:aws:iam::123456789012:role/" + std::string(513, 'a')));
  EXPECT_TRUE(partition_of_role("arn:aws*:iam::*:role/team-*", true));
  EXPECT_FALSE(partition_of_role("*", true));
  EXPECT_FALSE(partition_of_role("arn:aws:iam::*:*", true));
}

TEST(Roles, H7_a_star_stays_within_its_part) {
  struct Row {
    const char *pattern;
    const char *role;
    bool fits;
  };
  const Row rows[] = {
      {"arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/a", true},
      {"arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/ab", false},
      {"arn:aws:iam::123456789012:role/team-*", "arn:aws:iam::123456789012:role/team-", true},
      {"arn:aws:iam::123456789012:role/team-*", "arn:aws:iam::123456789012:role/team-a/b", true},
      {"arn:aws:iam::123456789012:role/team-*", "arn:aws:iam::123456789012:role/other", false},
      {"arn:aws:iam::*:role/puller", "arn:aws:iam::999999999999:role/puller", true},
      {"arn:aws:iam::*:role/puller", "arn:aws:iam::999999999999:role/x:role/puller", false},
      {"arn:*:iam::1*2:role/*-*-x", "arn:aws-cn:iam::123456789012:role/a-b-c-x", true},
      {"arn:*:iam::1*2:role/*-*-x", "arn:aws-cn:iam::123456789012:role/a-x", false},
      {"arn:a*:role/x", "arn:aws:iam::123456789012:role/x", false},
      {"", "", true},
      {"*", "", true},
      {"**a**", "bab", true},
      {"", "a", false},
  };
  for (const Row &row : rows) EXPECT_EQ(fits(row.pattern, row.role), row.fits) << row.pattern << ' ' << row.role;
  // Hostile lengths take no time.
  std::string stars;
  for (int i = 0; i < 100; ++i) stars += "*a";
  EXPECT_FALSE(fits(stars + "b", std::string(100'000, 'a')));
}

TEST(Roles, names_are_filled_in_where_they_stand) {
  EXPECT_EQ(filled_in("role/{namespace}-{serviceAccount}-{namespace}", {"a", "b"}), "role/a-b-a");
  EXPECT_EQ(filled_in("role/{Namespace}", {"a", "b"}), "role/{Namespace}");
}

}  // namespace
}  // namespace ecr
