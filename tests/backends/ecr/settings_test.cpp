// SPDX-License-Identifier: Apache-2.0
#include "backends/ecr/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;

TEST_F(EcrTest, create_takes_and_refuses_settings_as_its_schema_does) {
  const char *pattern = "arn:aws:iam::123456789012:role/team-*";
  expect_settings({
      {settings, nullptr},
      {json::object(), nullptr},
      {{{"roleArn", "arn:aws-cn:iam::123456789012:role/a/{namespace}_{serviceAccount}"}}, nullptr},
      {{{"roleArn", "arn:aws-cn:iam::123456789012:role/a/{namespace}-{serviceAccount}"}},
       "could be the same for two pods",
       true},
      {{{"allowedRoles", {pattern, "arn:aws*:iam::*:role/*"}}}, nullptr},
      {{{"roleAnnotations", {"example.com/role"}}, {"allowedRoles", {pattern}}}, nullptr},
      {{{"roleAnnotations", json::array()}, {"roleArn", role}}, nullptr},
      {{{"roleArn", role}, {"identity", "token"}, {"stsEndpoint", "https://sts.example.com:8443"}}, nullptr},
      {{{"identity", "node"}, {"ecrEndpoint", "https://vpce.example.com"}}, nullptr},
      {{{"podIdentity", true}}, nullptr},
      {{{"roleArn", ""}}, "settings.roleArn: \"\" is not the ARN of a role"},
      {{{"roleArn", "puller"}}, "settings.roleArn"},
      {{{"roleArn", "arn:aws:iam::1234:role/x"}}, "settings.roleArn"},
      {{{"roleArn", pattern}}, "settings.roleArn"},
      {{{"roleArn", "arn:aws:iam::123456789012:role/{pod}"}}, "settings.roleArn", true},
      {{{"roleArn", 1}}, "settings.roleArn: must be a string"},
      {{{"allowedRoles", {"*"}}}, "settings.allowedRoles: \"*\" is not the ARN of a role"},
      {{{"allowedRoles", {"arn:aws:iam::*:user/x"}}}, "settings.allowedRoles"},
      {{{"allowedRoles", std::vector<std::string>(1025, pattern)}}, "more than 1024"},
      {{{"allowedRoles", pattern}}, "settings.allowedRoles: must be a list of strings"},
      {{{"roleAnnotations", {"a b"}}}, "settings.roleAnnotations: \"a b\" is not the key of an annotation"},
      {{{"roleAnnotations", {""}}}, "settings.roleAnnotations"},
      {{{"roleAnnotations", std::vector<std::string>(9, "a")}}, "more than 8 keys"},
      {{{"identity", "instance"}}, "settings.identity"},
      {{{"identity", "node"}, {"roleArn", role}}, "settings.roleArn: has no meaning with identity: node", true},
      {{{"podIdentity", true}, {"allowedRoles", {pattern}}}, "settings.allowedRoles: has no meaning", true},
      {{{"podIdentity", true}, {"identity", "node"}}, "settings.podIdentity", true},
      {{{"podIdentity", "yes"}}, "settings.podIdentity: must be true or false"},
      {{{"stsEndpoint", "sts.example.com"}}, "settings.stsEndpoint"},
      {{{"ecrEndpoint", "https://ecr.example.com/"}}, "settings.ecrEndpoint"},
      {{{"region", "eu-central-1"}}, "settings.region: unknown setting"},
      {json::array(), "settings must be a mapping"},
  });
  expect_schema_names_all(settings);
}

TEST_F(EcrTest, create_says_when_no_pod_can_get_a_credential) {
  for (const json &possible :
       {json{{"roleArn", role}}, json{{"allowedRoles", {"arn:aws:iam::123456789012:role/team-*"}}},
        json{{"identity", "node"}}, json{{"podIdentity", true}}}) {
    EXPECT_THAT(create_only(backend(), possible.dump(), host), IsOk());
    EXPECT_TRUE(host.log().empty()) << possible;
  }
  EXPECT_THAT(create_only(backend(), "{}", host), IsOk());
  ASSERT_EQ(host.log().size(), 1U);
  EXPECT_THAT(host.log()[0].text, ::testing::HasSubstr("neither roleArn nor allowedRoles is set"));
}

}  // namespace
}  // namespace regcred::test
