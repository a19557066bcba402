// SPDX-License-Identifier: Apache-2.0
// Who is asked for what, by which role.

#include "backends/ecr/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr const char *ecr_annotation = "eks.amazonaws.com/ecr-role-arn";
constexpr const char *irsa_annotation = "eks.amazonaws.com/role-arn";

class Ecr : public EcrTest {
 protected:
  std::string header(std::size_t call, std::string_view name) {
    for (const auto &[key, value] : host.calls().at(call).headers) {
      if (key == name) return value;
    }
    return "none";
  }
  // The role that STS was asked for; empty when it was not asked.
  std::string role_asked(const json &own, const FakeRequest &request) {
    FakeHost fake;
    const Outcome outcome = run(backend(), own.dump(), request, fake);
    if (fake.calls().empty()) return outcome.text;
    const std::string &body = fake.calls()[0].body;
    const std::size_t start = body.find("RoleArn=") + 8;
    return body.substr(start, body.find('&', start) - start);
  }
};

TEST_F(Ecr, assumes_the_role_and_asks_for_a_password_of_the_whole_registry) {
  expect_sts()
      .with_header("Accept", "application/json")
      .with_form({{"Action", "AssumeRoleWithWebIdentity"},
                  {"Version", "2011-06-15"},
                  {"RoleArn", role},
                  {"RoleSessionName", "regcred-purple-team-builder"},
                  {"WebIdentityToken", pod_token},
                  {"DurationSeconds", "900"}});
  expect_ecr()
      .with_header("Content-Type", "application/x-amz-json-1.1")
      .with_header("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken")
      .with_header("X-Amz-Date", "20250615T150640Z")
      .with_header("X-Amz-Security-Token", session_token)
      .with_json(json::object());
  const Outcome outcome = ask(settings, image(own_image));
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, "123456789012.dkr.ecr.eu-central-1.amazonaws.com");
  EXPECT_EQ(outcome.auth[0].username, "AWS");
  EXPECT_EQ(outcome.auth[0].password, password);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(header(0, "Authorization"), "none");
  EXPECT_EQ(header(0, "X-Amz-Security-Token"), "none");
  EXPECT_THAT(header(1, "Authorization"),
              MatchesRegex("AWS4-HMAC-SHA256 Credential=ASIAKEYIDOFATEST/20250615/eu-central-1/ecr/aws4_request, "
                           "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
                           "Signature=[0-9a-f]{64}"));
  EXPECT_EQ(host.calls()[1].body.find(pod_token), std::string::npos);
  expect_quiet(outcome);
}

// ECR's password lives longer than the keys that asked for it.
TEST_F(Ecr, M3_the_lifetime_is_that_of_expiresAt_alone) {
  password = "not-a-jwt";
  expect_sts();
  expect_ecr();
  EXPECT_EQ(ask(settings, image(own_image)).lifetime, std::chrono::seconds(43'200));
  for (const auto &[end, lifetime] : std::vector<std::pair<json, std::optional<std::chrono::seconds>>>{
           {"never", std::chrono::seconds(0)}, {nullptr, std::nullopt}}) {
    json data = authorization();
    data["expiresAt"] = end;
    expect_sts();
    host.expect("POST", ecr_url).reply(200, json{{"authorizationData", {data}}}.dump());
    const Outcome outcome = ask(settings, image(own_image));
    EXPECT_THAT(outcome, IsOk());
    EXPECT_EQ(outcome.lifetime, lifetime) << end;
  }
}

TEST_F(Ecr, sts_may_answer_in_xml) {
  host.expect("POST", sts_url)
      .reply(200,
             "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"
             "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAKEYIDOFATEST</AccessKeyId>"
             "<SecretAccessKey>" +
                 secret_key + "</SecretAccessKey><SessionToken>" + session_token +
                 "</SessionToken><Expiration>2025-06-15T15:21:40Z</Expiration></Credentials>"
                 "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
             {{"Content-Type", "text/xml"}});
  expect_ecr().with_header("X-Amz-Security-Token", session_token);
  EXPECT_THAT(ask(settings, image(own_image)), IsOk());
}

TEST_F(Ecr, public_images_are_asked_for_in_us_east_1) {
  host.expect("POST", "https://sts.us-east-1.amazonaws.com/").reply(200, sts_answer());
  host.expect("POST", "https://api.ecr-public.us-east-1.amazonaws.com/")
      .with_header("X-Amz-Target", "SpencerFrontendService.GetAuthorizationToken")
      .reply(200, json{{"authorizationData", authorization()}}.dump());
  const Outcome outcome = ask(settings, image("public.ecr.aws/team/app"));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).registry, "public.ecr.aws");
  EXPECT_THAT(header(1, "Authorization"), HasSubstr("/us-east-1/ecr-public/aws4_request"));
}

TEST_F(Ecr, fips_and_dual_stack_are_those_of_the_images_host) {
  host.expect("POST", "https://sts-fips.us-west-2.api.aws/").reply(200, sts_answer());
  host.expect("POST", "https://ecr-fips.us-west-2.api.aws/").reply(200, ecr_answer());
  EXPECT_THAT(ask(settings, image("123456789012.dkr-ecr-fips.us-west-2.on.aws/app")), IsOk());
}

// The region that is signed for stays that of the image.
TEST_F(Ecr, endpoints_take_the_place_of_the_derived_ones) {
  json own = settings;
  own.update({{"stsEndpoint", "https://sts.example.com:8443"}, {"ecrEndpoint", "https://VPCE-1.example.com"}});
  host.expect("POST", "https://sts.example.com:8443/").reply(200, sts_answer());
  host.expect("POST", "https://vpce-1.example.com/").reply(200, ecr_answer());
  EXPECT_THAT(ask(own, image(own_image)), IsOk());
  EXPECT_THAT(header(1, "Authorization"), HasSubstr("/eu-central-1/ecr/aws4_request"));
}

TEST_F(Ecr, M2b_the_path_decides_nothing) {
  for (const char *path : {"/a", "/team/b"}) {
    expect_sts();
    expect_ecr();
    EXPECT_THAT(ask(settings, image("123456789012.dkr.ecr.eu-central-1.amazonaws.com" + std::string(path))), IsOk());
  }
  ASSERT_EQ(host.calls().size(), 4U);
  EXPECT_EQ(host.calls()[0].body, host.calls()[2].body);
  EXPECT_EQ(host.calls()[1].headers, host.calls()[3].headers);
}

TEST_F(Ecr, the_first_annotation_that_is_there_chooses_among_the_allowed_roles) {
  const json own = {{"roleArn", role}, {"allowedRoles", {"arn:aws:iam::123456789012:role/team-*"}}};
  const std::string a = "arn:aws:iam::123456789012:role/team-a", b = "arn:aws:iam::123456789012:role/team-b";
  const auto plain = [&] { return image(own_image); };
  const std::string prefix = "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2F";
  EXPECT_EQ(role_asked(own, plain()), prefix + "puller");
  EXPECT_EQ(role_asked(own, plain().annotation(irsa_annotation, b)), prefix + "team-b");
  EXPECT_EQ(role_asked(own, plain().annotation(irsa_annotation, b).annotation(ecr_annotation, a)), prefix + "team-a");
  EXPECT_EQ(role_asked(own, plain().annotation(irsa_annotation, b).annotation(ecr_annotation, "")), prefix + "team-b");
  EXPECT_EQ(role_asked(own, plain().annotation(ecr_annotation, role)), prefix + "puller");
  // Without a list, only the setting's own value.
  EXPECT_EQ(role_asked(settings, plain().annotation(ecr_annotation, role)), prefix + "puller");
  // With keys of the operator's own, those alone.
  json keys_of_operator = own;
  keys_of_operator["roleAnnotations"] = {"example.com/role"};
  EXPECT_EQ(role_asked(keys_of_operator, plain().annotation(ecr_annotation, a)), prefix + "puller");
  EXPECT_EQ(role_asked(keys_of_operator, plain().annotation("example.com/role", a)), prefix + "team-a");
}

TEST_F(Ecr, H7_a_role_that_is_not_allowed_sends_nothing) {
  for (const json &own : {settings, json{{"allowedRoles", {"arn:aws:iam::123456789012:role/team-*"}}},
                          json{{"roleArn", role}, {"allowedRoles", {"arn:aws:iam::123456789012:role/team-*"}}}}) {
    for (const std::string &value :
         {std::string("arn:aws:iam::123456789012:role/other"), std::string("arn:aws:iam::999999999999:role/team-a"),
          std::string("*"), std::string("arn:aws:iam::1:role/x:iam::123456789012:role/team-a"),
          std::string(9000, 'a')}) {
      FakeHost fake;
      EXPECT_THAT(run(backend(), own.dump(), image(own_image).annotation(ecr_annotation, value), fake),
                  StatusIs(Code::bad_request, AllOf(HasSubstr(ecr_annotation), HasSubstr("settings.allowedRoles"))));
      EXPECT_THAT(fake.calls(), IsEmpty());
    }
  }
  // Allowed by a generous pattern, and still not an ARN.
  for (const char *value : {"arn:aws:iam::123456789012:role/team-a b", "arn:aws:iam::123456789012:role/team-\r\nX-y"}) {
    FakeHost fake;
    EXPECT_THAT(run(backend(), json{{"allowedRoles", {"arn:aws:iam::123456789012:role/team-*"}}}.dump(),
                    image(own_image).annotation(ecr_annotation, value), fake),
                StatusIs(Code::bad_request, HasSubstr("is not the ARN of a role in partition aws")));
    EXPECT_THAT(fake.calls(), IsEmpty());
  }
}

TEST_F(Ecr, H7_a_role_of_another_partition_sends_nothing) {
  const char *in_china = "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/app";
  EXPECT_THAT(ask(settings, image(in_china)),
              StatusIs(Code::bad_config, AllOf(HasSubstr("settings.roleArn: "), HasSubstr("partition aws-cn"),
                                               HasSubstr("(arn:aws-cn:iam::...), or split the entry"))));
  EXPECT_THAT(ask({{"allowedRoles", {"arn:*:iam::*:role/*"}}}, image(in_china).annotation(ecr_annotation, role)),
              StatusIs(Code::bad_request,
                       AllOf(HasSubstr("annotation eks.amazonaws.com/ecr-role-arn: "), HasSubstr("partition aws-cn"))));
  EXPECT_THAT(host.calls(), IsEmpty());
}

TEST_F(Ecr, H7_images_of_foreign_registries_send_nothing) {
  for (const char *name :
       {"docker.io/library/nginx", "123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.example/app",
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com:8443/app", "123456789012.dkr.ecr.cn-north-1.amazonaws.com/app",
        "evil.example/public.ecr.aws", ""}) {
    FakeHost fake;
    EXPECT_THAT(run(backend(), settings.dump(), image(name), fake),
                StatusIs(Code::bad_config, AllOf(HasSubstr("image host"), HasSubstr("matchImages"))))
        << name;
    EXPECT_THAT(fake.calls(), IsEmpty()) << name;
  }
  EXPECT_THAT(serves(backend(), settings.dump(), "123456789012.dkr.ecr.eu-central-1.amazonaws.com:443", host), IsOk());
  EXPECT_THAT(serves(backend(), settings.dump(), "quay.io", host), StatusIs(Code::bad_config, HasSubstr("quay.io")));
}

TEST_F(Ecr, the_audience_that_is_expected) {
  const auto expected = [this](const json &own) {
    return expected_audiences(backend(), own.dump(), "*.dkr.ecr.*.amazonaws.com", host);
  };
  EXPECT_THAT(expected(settings).values, ::testing::ElementsAre("sts.amazonaws.com"));
  EXPECT_THAT(expected(settings).accepted_by, HasSubstr("IAM OIDC identity provider"));
  EXPECT_THAT(expected({{"podIdentity", true}}).values, ::testing::ElementsAre("pods.eks.amazonaws.com"));
  EXPECT_THAT(expected({{"identity", "node"}}).values, IsEmpty());
  EXPECT_THAT(expected({{"unknown", 1}}).values, IsEmpty()) << "there is no instance";
}

// The next entry may serve the pod; a node's identity never does by itself (M4).
TEST_F(Ecr, M4_without_a_role_there_is_no_credential) {
  for (const json &own : {json::object(), json{{"allowedRoles", {"arn:aws:iam::123456789012:role/team-*"}}}}) {
    for (const FakeRequest &request : {image(own_image), FakeRequest(own_image)}) {
      EXPECT_EQ(ask(own, request).code, REGCRED_NO_CREDENTIALS);
    }
  }
  EXPECT_THAT(host.calls(), IsEmpty());
}

TEST_F(Ecr, without_a_token_nothing_is_sent) {
  EXPECT_THAT(ask(settings, FakeRequest(own_image)), StatusIs(Code::bad_request, HasSubstr("tokenAttributes")));
  EXPECT_THAT(host.calls(), IsEmpty());
}

TEST_F(Ecr, roles_may_follow_the_pods) {
  const json own = {{"roleArn", "arn:aws:iam::123456789012:role/pull/{namespace}/{serviceAccount}"}};
  EXPECT_EQ(role_asked(own, image(own_image)),
            "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpull%2Fpurple-team%2Fbuilder");
  for (const char *subject :
       {"", "someone", "system:serviceaccount:a", "system:serviceaccount::b", "system:serviceaccount:a/../b:c",
        "system:serviceaccount:a:b:c", "system:serviceaccount:*:c", "system:serviceaccount:A:c"}) {
    json claims = pod_claims();
    claims["sub"] = subject;
    EXPECT_THAT(role_asked(own, FakeRequest(own_image).token(fake_token(claims))),
                AllOf(HasSubstr("{namespace}"), HasSubstr("subject")))
        << subject;
  }
}

TEST_F(Ecr, the_session_is_named_after_the_pod_in_characters_that_sts_takes) {
  const auto session_of = [this](const std::string &subject) {
    json claims = pod_claims();
    claims["sub"] = subject;
    FakeHost fake;
    static_cast<void>(run(backend(), settings.dump(), FakeRequest(own_image).token(fake_token(claims)), fake));
    return fake.calls().empty() ? "no call" : fake.calls()[0].body;
  };
  EXPECT_THAT(session_of("system:serviceaccount:team-a:app.v1"), HasSubstr("RoleSessionName=regcred-team-a-app.v1&"));
  const std::string cut = session_of("system:serviceaccount:team-a:" + std::string(100, 'x'));
  EXPECT_THAT(cut, HasSubstr("RoleSessionName=regcred-team-a-" + std::string(49, 'x') + "&"));
  EXPECT_THAT(session_of("system:serviceaccount:a/\xc3\xa4 b:x"), HasSubstr("RoleSessionName=regcred&"));
}

}  // namespace
}  // namespace regcred::test
