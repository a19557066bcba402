// SPDX-License-Identifier: Apache-2.0
// A pod's token in, a password that ECR made for that pod's role out.
#include "e2e/cloud_fixture.hpp"
#include "emulator/aws.hpp"
#include "support/private_network.hpp"

namespace regcred::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char *host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
constexpr const char *ecr_image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app";
constexpr const char *principal = "arn:aws:iam::123456789012:role/puller/regcred-default-my-service-account";

emulator::AwsRole role(const char *name) {
  return {.arn = std::string("arn:aws:iam::123456789012:role/") + name,
          .audience = "sts.amazonaws.com",
          .subject = pod_subject};
}

class EcrCloud : public Cloud {
 protected:
  [[nodiscard]] std::string token(const std::string &audience = "sts.amazonaws.com",
                                  const std::string &namespace_name = "default") const {
    return issuer_.token({.namespace_name = namespace_name, .audience = audience});
  }
  ProcessOutput pull(const std::string &pods_token, const std::string &role_arn = "puller",
                     const nlohmann::json &annotations = nlohmann::json::object()) {
    return ask(ecr_image, aws_.ca_pem(),
               "backend: ecr\n  settings: {roleArn: 'arn:aws:iam::123456789012:role/" + role_arn +
                   "', allowedRoles: ['arn:aws:iam::*:role/team-*'], stsEndpoint: '" + aws_.endpoint() +
                   "', ecrEndpoint: '" + aws_.endpoint() + "'}",
               pods_token, annotations);
  }
  std::optional<std::string> puller_of(const ProcessOutput &output) {
    const auto [username, password] = credential(output, host);
    EXPECT_EQ(username, "AWS");
    return aws_.principal_of(password);
  }
  std::string last_code() {
    const std::vector<emulator::AwsCall> calls = aws_.calls();
    return calls.empty() ? "no call" : calls.back().code;
  }

  emulator::Aws aws_{{{issuer_.url(), {"sts.amazonaws.com", "another"}}},
                     {role("puller"),
                      role("team-a"),
                      role("pull-default"),
                      {.arn = "arn:aws:iam::123456789012:role/weak",
                       .audience = "sts.amazonaws.com",
                       .subject = pod_subject,
                       .may_log_in = false}},
                     "eu-central-1"};
};

TEST_F(EcrCloud, the_pods_role_pulls) {
  const ProcessOutput output = pull(token());
  EXPECT_EQ(puller_of(output), principal);
  EXPECT_EQ(aws_.calls().size(), 2U);
  const std::string duration = nlohmann::json::parse(output.out)["cacheDuration"];
  EXPECT_THAT(duration, ::testing::MatchesRegex("(3|4)[0-9]{4}s|1[01]h.*")) << "of 12 hours, a margin less";
}

TEST_F(EcrCloud, sts_may_know_xml_only) {
  aws_.answer_in_xml_only();
  EXPECT_EQ(puller_of(pull(token())), principal);
  const ProcessOutput refused = pull(token("another"));
  expect_failure(refused, 6, {"STS (HTTP 403)", "trust policy", "\"another\""}, token("another"));
}

TEST_F(EcrCloud, roles_are_chosen_within_what_the_operator_allows) {
  const nlohmann::json team = {{"eks.amazonaws.com/role-arn", "arn:aws:iam::123456789012:role/team-a"}};
  EXPECT_THAT(puller_of(pull(token(), "puller", team)).value_or(""), HasSubstr("role/team-a/"));
  EXPECT_THAT(puller_of(pull(token(), "pull-{namespace}")).value_or(""), HasSubstr("role/pull-default/"));
}

TEST_F(EcrCloud, H7_M4_an_annotation_that_is_not_allowed_makes_no_call) {
  const nlohmann::json admin = {{"eks.amazonaws.com/role-arn", "arn:aws:iam::123456789012:role/admin"}};
  expect_failure(pull(token(), "puller", admin), 6, {"role/admin", "settings.allowedRoles"}, token());
  EXPECT_TRUE(aws_.calls().empty());
}

TEST_F(EcrCloud, each_refusal_names_its_cause) {
  const std::string foreign = token("nobody");
  expect_failure(pull(foreign), 6, {"STS (HTTP 400)", "is not a client id", "\"nobody\""}, foreign);
  const std::string other = token("sts.amazonaws.com", "other");
  expect_failure(pull(other), 6, {"STS (HTTP 403)", "trust policy", "system:serviceaccount:other:"}, other);
  expect_failure(pull(token(), "missing"), 6, {"STS (HTTP 403)", "role/missing"}, token());
  expect_failure(pull(token(), "weak"), 6, {"ECR (HTTP 400)", "ecr:GetAuthorizationToken"}, token());
  EXPECT_EQ(last_code(), "AccessDeniedException");

  const emulator::Issuer unknown{issuer_key_};
  const std::string stray = unknown.token({.audience = "sts.amazonaws.com"});
  expect_failure(pull(stray), 6, {"no IAM OIDC provider"}, stray);
  const std::string forged = token().substr(0, token().rfind('.')) + stray.substr(stray.rfind('.'));
  expect_failure(pull(forged), 6, {"STS (HTTP 400)"}, forged);
}

TEST_F(EcrCloud, M3_a_clock_that_is_off_is_corrected_by_that_of_aws) {
  for (const std::chrono::seconds ahead : std::initializer_list<std::chrono::seconds>{
           std::chrono::hours(-2), std::chrono::hours(0), std::chrono::minutes(40)}) {
    aws_.set_clock(ahead);
    const std::size_t before = aws_.calls().size();
    EXPECT_EQ(puller_of(pull(token())), principal) << ahead.count();
    EXPECT_EQ(aws_.calls().size() - before, ahead.count() == 0 ? 2U : 3U);
  }
}

// The node's own role: whatever the pod is, and without its token.
TEST_F(Cloud, M4_the_nodes_role_pulls_where_the_operator_says_so) {
  in_private_network("169.254.169.254", [&] {
    emulator::Aws aws({}, {role("node")}, "eu-central-1");
    const auto pull = [&] {
      return ask(ecr_image, aws.ca_pem(),
                 "backend: ecr\n  settings: {identity: node, ecrEndpoint: '" + aws.endpoint() + "'}", {});
    };
    expect_failure(pull(), 6, {"169.254.169.254"}, "no-token-at-all");  // nobody is there
    aws.start_metadata("169.254.169.254");
    EXPECT_EQ(aws.principal_of(credential(pull(), host).second), "arn:aws:iam::123456789012:role/node/instance");
  });
}

TEST_F(Cloud, an_association_of_EKS_pulls) {
  in_private_network("169.254.170.23", [&] {
    const emulator::Issuer issuer(issuer_key_);
    emulator::Aws aws({{issuer.url(), {}}}, {role("associated")}, "eu-central-1");
    aws.start_agent("169.254.170.23");
    const auto pull = [&](const std::string &token) {
      return ask(ecr_image, aws.ca_pem(),
                 "backend: ecr\n  settings: {podIdentity: true, ecrEndpoint: '" + aws.endpoint() + "'}", token);
    };
    const std::string own = issuer.token({.audience = "pods.eks.amazonaws.com"});
    EXPECT_EQ(aws.principal_of(credential(pull(own), host).second), "arn:aws:iam::123456789012:role/associated/eks");
    const std::string other = issuer.token({.namespace_name = "other", .audience = "pods.eks.amazonaws.com"});
    expect_failure(pull(other), 6, {"has no association", "system:serviceaccount:other:"}, other);
    const std::string for_sts = issuer.token({.audience = "sts.amazonaws.com"});
    expect_failure(pull(for_sts), 6, {"its audience must be pods.eks.amazonaws.com"}, for_sts);
  });
}

}  // namespace
}  // namespace regcred::testing
