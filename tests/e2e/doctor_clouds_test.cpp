// SPDX-License-Identifier: Apache-2.0
// `regcred doctor` where an exchange asks several parties: each is a step, and what is missing is named.
#include <map>

#include "e2e/cloud_fixture.hpp"
#include "emulator/aws.hpp"
#include "emulator/azure.hpp"
#include "emulator/google.hpp"

namespace regcred::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class DoctorClouds : public Cloud {
 protected:
  using Steps = std::map<std::string, nlohmann::json>;

  // The steps by name. Nobody is at the registry's own host, so that the run as a whole fails.
  Steps doctor(const std::string &image, const std::string &ca_pem, const std::string &entry,
               const std::string &token) {
    const ProcessOutput output =
        run_process({{REGCRED_PROGRAM, "doctor", image, "--config", configured(image, ca_pem, entry), "--token-file",
                      directory_.write("token", token), "-o", "json", "--log-level", "debug"},
                     "",
                     {{"LD_PRELOAD", NO_DNS}, {"ASAN_OPTIONS", "verify_asan_link_order=0"}}});
    EXPECT_EQ(regcred::test::find_leak(token, output.out + output.err), std::nullopt) << output.out << output.err;
    Steps steps;
    const nlohmann::json document = nlohmann::json::parse(output.out, nullptr, false);
    if (!document.is_object()) ADD_FAILURE() << "no report: " << output.out << output.err;
    for (const nlohmann::json &step : document.value("steps", nlohmann::json::array())) steps[step["step"]] = step;
    return steps;
  }
  static void expect(Steps &steps, const std::string &name, const std::string &state, const std::string &what) {
    ASSERT_TRUE(steps.contains(name)) << name;
    EXPECT_EQ(steps[name]["state"], state) << steps[name];
    EXPECT_THAT(steps[name]["what"].get<std::string>(), HasSubstr(what));
  }
  static void expect_failure_at(Steps &steps, const std::string &call, const std::vector<std::string> &words) {
    expect(steps, call, "failed", "");
    expect(steps, "exchange", "failed", "");
    const std::string said =
        steps["exchange"]["what"].get<std::string>() + steps["exchange"]["cure"].get<std::string>();
    for (const std::string &word : words) EXPECT_THAT(said, HasSubstr(word));
  }
};

TEST_F(DoctorClouds, aws_is_sts_then_ecr) {
  const auto role = [](const char *name, bool may_log_in) {
    return emulator::AwsRole{.arn = std::string("arn:aws:iam::123456789012:role/") + name,
                             .audience = "sts.amazonaws.com",
                             .subject = pod_subject,
                             .may_log_in = may_log_in};
  };
  emulator::Aws aws({{issuer_.url(), {"sts.amazonaws.com", "cloudsmith"}}}, {role("puller", true), role("weak", false)},
                    "eu-central-1");
  const auto examined = [&](const std::string &name, const std::string &audience = "sts.amazonaws.com") {
    return doctor("123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app", aws.ca_pem(),
                  "backend: ecr\n  audience: " + audience + "\n  settings: {roleArn: 'arn:aws:iam::123456789012:role/" +
                      name + "', stsEndpoint: '" + aws.endpoint() + "', ecrEndpoint: '" + aws.endpoint() + "'}",
                  issuer_.token({.audience = audience}));
  };
  Steps sound = examined("puller");
  expect(sound, "exchange-call-1", "passed",
         "STS, AssumeRoleWithWebIdentity: POST " + aws.endpoint() + "/: HTTP 200 in ");
  expect(sound, "exchange-call-2", "passed", "ECR, GetAuthorizationToken: POST " + aws.endpoint() + "/: HTTP 200 in ");
  expect(sound, "exchange", "passed", "a credential for 123456789012.dkr.ecr.");
  EXPECT_EQ(sound.count("exchange-call-3"), 0U);
  EXPECT_EQ(sound["token-audience"]["details"],
            nlohmann::json({"the token's aud: \"sts.amazonaws.com\"", "entry cloud: \"sts.amazonaws.com\"",
                            "backend ecr expects: \"sts.amazonaws.com\""}));

  Steps weak = examined("weak");
  expect(weak, "exchange-call-1", "passed", "HTTP 200");
  expect_failure_at(weak, "exchange-call-2", {"ecr:GetAuthorizationToken"});
  Steps untrusted = examined("missing");
  expect_failure_at(untrusted, "exchange-call-1", {"trust policy", "sts:AssumeRoleWithWebIdentity", "role/missing"});
  EXPECT_EQ(untrusted.count("exchange-call-2"), 0U);

  Steps other = examined("puller", "cloudsmith");
  expect_failure_at(other, "exchange-call-1", {"trust policy"});
  EXPECT_THAT(other["token-audience"]["cure"].get<std::string>(), HasSubstr("make tokens for \"sts.amazonaws.com\""));
}

TEST_F(DoctorClouds, google_is_sts_then_iam) {
  const std::string pool =
      "//iam.googleapis.com/projects/123456/locations/global/workloadIdentityPools/prod/providers/cluster-1";
  const std::string puller = "puller@acme.iam.gserviceaccount.com";
  const std::string other = "other@acme.iam.gserviceaccount.com";
  emulator::Google google({{.name = pool, .issuer = issuer_.url()}}, {{puller, {pod_subject}}, {other, {}}});
  const auto examined = [&](const std::string &account) {
    return doctor("europe-docker.pkg.dev/acme/images/app", google.ca_pem(),
                  "backend: google\n  audience: 'https:" + pool + "'\n  settings: {audience: '" + pool +
                      "', stsEndpoint: '" + google.endpoint() + "', iamEndpoint: '" + google.endpoint() +
                      "', serviceAccount: " + account + "}",
                  issuer_.token({.audience = "https:" + pool}));
  };
  Steps sound = examined(puller);
  expect(sound, "exchange-call-1", "passed", "Google's STS: POST " + google.endpoint() + "/v1/token: HTTP 200 in ");
  expect(sound, "exchange-call-2", "passed", "Google's IAM: POST " + google.endpoint() + "/v1/projects/-/");
  expect(sound, "exchange", "passed", "a credential for europe-docker.pkg.dev");
  EXPECT_THAT(sound["token-audience"]["details"][2].get<std::string>(), HasSubstr("expects: \"https:" + pool));
  Steps refused = examined(other);
  expect_failure_at(refused, "exchange-call-2", {"roles/iam.workloadIdentityUser", other});
}

TEST_F(DoctorClouds, azure_is_entra_then_acr) {
  const std::string tenant = "11111111-2222-3333-4444-555555555555";
  const std::string client = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
  const std::string roleless = "bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee";
  emulator::Azure azure(
      {{client, {tenant, {{issuer_.url(), pod_subject}}}}, {roleless, {tenant, {{issuer_.url(), pod_subject}}}}},
      {{"acmeprod.azurecr.io", {tenant, {client}}}});
  const auto examined = [&](const std::string &id) {
    return doctor("acmeprod.azurecr.io/team/app", azure.ca_pem(),
                  "backend: acr\n  audience: 'api://AzureADTokenExchange'\n  settings: {authorityHost: '" +
                      azure.host() + "', exchangeEndpoint: 'https://" + azure.host() + "', tenantId: " + tenant +
                      ", clientId: " + id + "}",
                  issuer_.token({.audience = "api://AzureADTokenExchange"}));
  };
  Steps sound = examined(client);
  expect(sound, "exchange-call-1", "passed",
         "Entra: POST https://" + azure.host() + "/" + tenant + "/oauth2/v2.0/token: ");
  expect(sound, "exchange-call-2", "passed", "ACR: POST https://" + azure.host() + "/oauth2/exchange: HTTP 200 in ");
  EXPECT_EQ(sound["token-audience"]["details"][2], "backend acr expects: \"api://AzureADTokenExchange\"");
  Steps refused = examined(roleless);
  expect(refused, "exchange-call-1", "passed", "HTTP 200");
  expect_failure_at(refused, "exchange-call-2", {"AcrPull", roleless});
}

}  // namespace
}  // namespace regcred::testing
