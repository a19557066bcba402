// SPDX-License-Identifier: Apache-2.0
// Regions, their hosts, and ARNs of roles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/aws.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred::aws {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

TEST(AwsRegions, a_region_is_known_by_its_area) {
  struct Row {
    const char *name;
    const char *partition;
    const char *host;
  };
  for (const Row &row :
       std::initializer_list<Row>{{"eu-central-1", "aws", "execute-api.eu-central-1.amazonaws.com"},
                                  {"mx-central-12", "aws", "execute-api.mx-central-12.amazonaws.com"},
                                  {"us-gov-east-1", "aws-us-gov", "execute-api.us-gov-east-1.amazonaws.com"},
                                  {"cn-north-1", "aws-cn", "execute-api.cn-north-1.amazonaws.com.cn"},
                                  {"eusc-de-east-1", "aws-eusc", "execute-api.eusc-de-east-1.amazonaws.eu"},
                                  {"us-iso-west-1", "aws-iso", "execute-api.us-iso-west-1.c2s.ic.gov"},
                                  {"us-isob-east-1", "aws-iso-b", "execute-api.us-isob-east-1.sc2s.sgov.gov"},
                                  {"eu-isoe-west-1", "aws-iso-e", "execute-api.eu-isoe-west-1.cloud.adc-e.uk"},
                                  {"us-isof-south-1", "aws-iso-f", "execute-api.us-isof-south-1.csp.hci.ic.gov"}}) {
    const std::optional<Region> region = region_named(row.name);
    ASSERT_TRUE(region) << row.name;
    EXPECT_EQ(region->partition, row.partition);
    EXPECT_EQ(region->name, row.name);
    EXPECT_EQ(service_host(*region, "execute-api"), row.host);
  }
  for (const char *name :
       {"", "eu", "eu-central", "eu-central-", "eu-central-1a", "eu--1", "EU-central-1", "xx-central-1",
        "eu-central-1.evil.example", "eu-cent.ral-1", " eu-central-1", "-1-1", "--"}) {
    EXPECT_FALSE(region_named(name)) << name;
  }
}

TEST(AwsRegions, each_kind_of_endpoint_has_its_host) {
  const auto host = [](const char *name, bool fips, bool dual_stack, const char *service) {
    Region region = *region_named(name);
    region.fips = fips;
    region.dual_stack = dual_stack;
    return service_host(region, service);
  };
  EXPECT_EQ(host("us-east-2", true, false, "sts"), "sts-fips.us-east-2.amazonaws.com");
  EXPECT_EQ(host("us-east-2", false, true, "sts"), "sts.us-east-2.api.aws");
  EXPECT_EQ(host("us-east-2", true, true, "sts"), "sts-fips.us-east-2.api.aws");
  EXPECT_EQ(host("us-gov-west-1", true, false, "sts"), "sts.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(host("us-gov-west-1", true, true, "sts"), "sts-fips.us-gov-west-1.api.aws");
  EXPECT_EQ(host("us-gov-west-1", true, false, "ecr"), "ecr-fips.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(service_host({.partition = "mine", .name = "eu-central-1"}, "sts"), "");
}

TEST(AwsRegions, H7_a_host_has_the_domain_of_its_region) {
  const std::optional<Region> plain = region_of_host("cn-north-1.amazonaws.com.cn");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->partition, "aws-cn");
  EXPECT_FALSE(plain->dual_stack);
  const std::optional<Region> both = region_of_host("eu-central-1.on.aws");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->name, "eu-central-1");
  EXPECT_TRUE(both->dual_stack);
  for (const char *end :
       {"cn-north-1.amazonaws.com", "us-east-1.amazonaws.com.cn", "us-east-1.amazonaws.eu",
        "us-iso-east-1.amazonaws.com", "us-isob-east-1.c2s.ic.gov", "eusc-de-east-1.", "eusc-de-east-1",
        "us-east-1.amazonaws.com.evil.example", "us-east-1.evil.example", "evil.amazonaws.com",
        "x.us-east-1.amazonaws.com", ".amazonaws.com", "us-east-1.api.aws", ""}) {
    EXPECT_FALSE(region_of_host(end)) << end;
  }
}

TEST(AwsRoles, an_arn_is_read_strictly) {
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
}

TEST(AwsRoles, H7_a_star_stays_within_its_part) {
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
  for (const Row &row : rows) EXPECT_EQ(role_fits({row.pattern}, row.role), row.fits) << row.pattern << ' ' << row.role;
  // Hostile lengths take no time.
  std::string stars;
  for (int i = 0; i < 100; ++i) stars += "*a";
  EXPECT_FALSE(role_fits({stars + "b"}, std::string(100'000, 'a')));
  EXPECT_FALSE(role_fits({}, "arn:aws:iam::123456789012:role/a"));
  EXPECT_TRUE(role_fits({"arn:*:iam::*:role/b", "arn:*:iam::*:role/a"}, "arn:aws:iam::123456789012:role/a"));
}

TEST(AwsRoles, settings_are_read_with_their_rules) {
  Settings good(R"({"role":"arn:aws:iam::123456789012:role/{namespace}/{serviceAccount}",
                    "roles":["arn:aws*:iam::*:role/team-*","arn:aws:iam::123456789012:role/x"]})");
  EXPECT_EQ(read_role(good, "role").value(), "arn:aws:iam::123456789012:role/{namespace}/{serviceAccount}");
  EXPECT_EQ(read_role_patterns(good, "roles").value().size(), 2U);
  EXPECT_EQ(read_role(good, "absent").value(), std::nullopt);
  EXPECT_TRUE(read_role_patterns(good, "absent").value().empty());
  const auto role = [](const char *arn) {
    Settings settings(nlohmann::json{{"role", arn}}.dump());
    return read_role(settings, "role");
  };
  for (const char *arn : {"", "*", "arn:aws:iam::123456789012:role/*", "arn:aws:iam::123456789012:role/{pod}"}) {
    EXPECT_THAT(role(arn), StatusIs(Code::bad_config, HasSubstr("is not the ARN of a role"))) << arn;
  }
  EXPECT_THAT(role("arn:aws:iam::123456789012:role/{namespace}-{serviceAccount}"),
              StatusIs(Code::bad_config, HasSubstr("could be the same for two pods")));
  const auto patterns = [](const std::vector<std::string> &list) {
    Settings settings(nlohmann::json{{"roles", list}}.dump());
    return read_role_patterns(settings, "roles");
  };
  for (const char *pattern : {"*", "arn:aws:iam::*:*", "arn:aws:iam::*:user/x"}) {
    EXPECT_THAT(patterns({pattern}), StatusIs(Code::bad_config, HasSubstr("settings.roles: "))) << pattern;
  }
  EXPECT_THAT(patterns(std::vector<std::string>(1025, "arn:aws:iam::*:role/x")),
              StatusIs(Code::bad_config, HasSubstr("more than 1024")));
}

}  // namespace
}  // namespace regcred::aws
