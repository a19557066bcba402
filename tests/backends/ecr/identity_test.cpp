// SPDX-License-Identifier: Apache-2.0
// Keys that come from the node: its own role by IMDSv2, and the experiment with EKS Pod Identity.

#include "backends/ecr/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class EcrNode : public EcrTest {
 protected:
  static constexpr const char *imds = "http://169.254.169.254/latest/";
  static constexpr const char *roles = "meta-data/iam/security-credentials/";

  ScriptedCall &expect_session(const std::string &base = imds) {
    return host.expect("PUT", base + "api/token")
        .with_header("X-aws-ec2-metadata-token-ttl-seconds", "60")
        .reply(200, "imds-session");
  }
  ScriptedCall &expect_get(const std::string &path, const std::string &body, const std::string &base = imds) {
    return host.expect("GET", base + roles + path)
        .with_header("X-aws-ec2-metadata-token", "imds-session")
        .reply(200, body);
  }
  [[nodiscard]] std::string role_keys(const char *code = "Success") const {
    json body = keys("Token");
    body.update({{"Code", code}, {"Type", "AWS-HMAC"}, {"Expiration", "2020-01-01T00:00:00Z"}});
    return body.dump();
  }
  // Also of a pod that has a role and a token: the operator has chosen.
  Outcome ask_as_node() { return ask({{"identity", "node"}}, FakeRequest(own_image)); }
};

TEST_F(EcrNode, the_instances_role_logs_in_without_the_pods_token) {
  expect_session();
  expect_get("", "node-role");
  expect_get("node-role", role_keys());
  expect_ecr();
  const Outcome outcome =
      ask({{"identity", "node"}}, image(own_image).annotation("eks.amazonaws.com/role-arn", "arn:aws:iam::1:role/x"));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).password, password);
  for (const RecordedCall &call : host.calls()) {
    EXPECT_EQ(call.body.find(pod_token), std::string::npos);
    for (const auto &[name, value] : call.headers) EXPECT_EQ(value.find(pod_token), std::string::npos) << name;
    if (call.url.starts_with("http://")) {
      EXPECT_EQ(call.timeout, std::chrono::seconds(1)) << call.url;
    }
  }
  expect_quiet(outcome);
}

TEST_F(EcrNode, where_IPv4_is_not_there_IPv6_is_asked) {
  const std::string six = "http://[fd00:ec2::254]/latest/";
  host.expect("PUT", std::string(imds) + "api/token").fail(Code::unavailable, "no route to host");
  expect_session(six);
  expect_get("", "node-role\n", six);
  expect_get("node-role", role_keys(), six);
  expect_ecr();
  EXPECT_THAT(ask_as_node(), IsOk());

  host.expect("PUT", std::string(imds) + "api/token").fail(Code::unavailable, "no answer in 1 s");
  host.expect("PUT", six + "api/token").fail(Code::unavailable, "no route to host");
  EXPECT_THAT(ask_as_node(),
              StatusIs(Code::unavailable, AllOf(HasSubstr("no answer in 1 s"), Not(HasSubstr("token's issuer")))));
}

TEST_F(EcrNode, each_failure_of_the_metadata_service_is_told_apart) {
  host.expect("PUT", std::string(imds) + "api/token").reply(403, "");
  EXPECT_THAT(ask_as_node(), StatusIs(Code::denied, HasSubstr("switched off")));
  for (const int status : {404, 405}) {
    host.expect("PUT", std::string(imds) + "api/token").reply(status, "<?xml version=\"1.0\"?><html>");
    EXPECT_THAT(ask_as_node(), StatusIs(Code::denied, HasSubstr("no IMDSv2"))) << status;
  }
  expect_session();
  expect_get("", "").reply(404, "");
  EXPECT_THAT(ask_as_node(), StatusIs(Code::denied, HasSubstr("instance profile")));
  expect_session();
  expect_get("", "node-role");
  expect_get("node-role", role_keys("AssumeRoleUnauthorizedAccess"));
  EXPECT_THAT(ask_as_node(), StatusIs(Code::denied, HasSubstr("(\"AssumeRoleUnauthorizedAccess\")")));
  for (const char *name : {"", "a b", "a\rb", "../x?y", "<html>"}) {
    expect_session();
    expect_get("", name);
    EXPECT_THAT(ask_as_node(), StatusIs(Code::bad_upstream, HasSubstr("named no role"))) << name;
  }
  expect_session();
  expect_get("", "../../user-data");
  expect_get("..%2F..%2Fuser-data", R"({"Code":"Success"})");
  EXPECT_THAT(ask_as_node(), StatusIs(Code::bad_upstream, HasSubstr(R"(holds no "AccessKeyId")")));
  expect_session();
  expect_get("", "node-role");
  expect_get("node-role", R"({"Code":7})");
  EXPECT_THAT(ask_as_node(), StatusIs(Code::bad_upstream, HasSubstr("lacks Code")));
  for (const char *text : {"", "<html>", "a b"}) {
    expect_session().reply(200, text);
    EXPECT_THAT(ask_as_node(), StatusIs(Code::bad_upstream, HasSubstr("no session token"))) << text;
  }
}

class EcrPodIdentity : public EcrTest {
 protected:
  static constexpr const char *agent = "http://169.254.170.23/v1/credentials";
  Outcome ask_agent() { return ask({{"podIdentity", true}}, image(own_image)); }
};

TEST_F(EcrPodIdentity, the_agents_association_names_the_role) {
  host.expect("GET", agent).with_header("Authorization", pod_token).reply(200, keys("Token").dump());
  expect_ecr();
  const Outcome outcome = ask_agent();
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).password, password);
  EXPECT_EQ(host.calls().at(0).timeout, std::chrono::seconds(5));
  expect_quiet(outcome);
}

TEST_F(EcrPodIdentity, each_failure_of_the_agent_is_told_apart) {
  const std::string no_association =
      "[7f]: (ResourceNotFoundException): No association found for token, fault: client TOKEN";
  struct Row {
    int status;
    std::string body;
    Code code;
    const char *word;
  };
  for (const Row &row : std::initializer_list<Row>{
           {404, no_association, Code::denied, "create-pod-identity-association"},
           {400, no_association, Code::denied, "create-pod-identity-association"},
           {400, "[7f]: (AccessDeniedException): x, fault: client", Code::denied, "eks-auth:AssumeRoleForPodIdentity"},
           {400, "[7f]: (ThrottlingException): x, fault: client", Code::throttled, "too often"},
           {429, "Too Many Requests", Code::throttled, "asks to wait"},
           {400, "Service account token cannot be empty", Code::denied, "pods.eks.amazonaws.com"},
           {500, "x", Code::unavailable, "failing"}}) {
    host.expect("GET", agent).reply(row.status, with_canaries(row.body));
    if (row.code == Code::unavailable) host.expect("GET", "http://[fd00:ec2::23]/v1/credentials").fail(row.code, "x");
    const Outcome outcome = ask_agent();
    EXPECT_THAT(outcome, StatusIs(row.code, HasSubstr(row.word)));
    expect_no_leak(outcome);
  }
}

}  // namespace
}  // namespace regcred::test
