// SPDX-License-Identifier: Apache-2.0
// What Google's refusals become: the cause, the cure, the facts to compare; nothing of token, password or body.
#include "backends/google/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string oauth(const std::string &error, const std::string &description = "quote-me-not TOKEN") {
  return json{{"error", error}, {"error_description", description + " quote-me-not"}}.dump();
}
std::string rpc(int code, const std::string &status, const std::string &message = "quote-me-not TOKEN") {
  return json{{"error", {{"code", code}, {"message", message}, {"status", status}}}}.dump();
}

class GoogleStsFault : public Google, public ::testing::WithParamInterface<Fault> {};

TEST_P(GoogleStsFault, L1_is_told_without_token_password_or_body) {
  expect_told(GetParam(), with(), image(own_image), sts_url, std::string(asked) + ", host \"sts.googleapis.com\"");
}

INSTANTIATE_TEST_SUITE_P(
    table, GoogleStsFault,
    ::testing::Values(
        Fault{"audience",
              400,
              oauth("invalid_request", R"(Invalid value for "audience". This value should be the full)"),
              {},
              Code::bad_config,
              {"Google's STS (HTTP 400, invalid_request)", "correct settings.audience"}},
        Fault{"request", 400, oauth("invalid_request"), {}, Code::denied, {"(HTTP 400, invalid_request)"}},
        Fault{"target", 400, oauth("invalid_target"), {}, Code::bad_config, {"no such pool or provider", "deleted"}},
        Fault{"condition", 401, oauth("unauthorized_client"), {}, Code::denied, {"attribute condition"}},
        Fault{"long_attribute",
              400,
              oauth("invalid_grant", "The size of mapped attribute google.subject exceeds the 127 bytes limit."),
              {},
              Code::denied,
              {"127 bytes", "attribute mapping"}},
        Fault{"keys",
              400,
              oauth("invalid_grant", "Error connecting to the given credential's issuer."),
              {},
              Code::denied,
              {"cannot read the issuer's keys", "--jwk-json-path"}},
        Fault{"token_audience",
              400,
              oauth("invalid_grant", "The audience in ID Token [x] does not match the expected audience."),
              {},
              Code::denied,
              {"audience is not one that the provider allows", "serviceAccountTokenAudience"}},
        Fault{"issuer",
              400,
              oauth("invalid_grant", "The issuer in ID Token x does not match the expected ones"),
              {},
              Code::denied,
              {"issuer is not the provider's"}},
        Fault{"grant", 400, oauth("invalid_grant"), {}, Code::denied, {"compare issuer and audience"}},
        Fault{"s401",
              401,
              rpc(401, "UNAUTHENTICATED"),
              {},
              Code::denied,
              {"Google's STS (HTTP 401): the token is refused"}},
        Fault{"s403", 403, rpc(403, "PERMISSION_DENIED"), {}, Code::denied, {"(HTTP 403)"}},
        Fault{"s404", 404, "", {}, Code::bad_config, {"correct settings.stsEndpoint"}},
        Fault{"s429", 429, rpc(429, "RESOURCE_EXHAUSTED"), {}, Code::throttled, {"it asks to wait"}},
        Fault{"s503", 503, rpc(503, "UNAVAILABLE"), {}, Code::unavailable, {"it is failing"}},
        Fault{
            "s302", 302, "", {{"Location", "https://login.example/?TOKEN"}}, Code::bad_upstream, {"\"login.example\""}},
        Fault{"a_page", 200, "<html>PASSWORD", {}, Code::bad_upstream, {"a web page", "settings.stsEndpoint"}},
        Fault{"no_token", 200, R"({"id_token":"PASSWORD"})", {}, Code::bad_upstream, {"holds no \"access_token\""}},
        Fault{"a_number", 200, R"({"access_token":7})", {}, Code::bad_upstream, {"that is not a text"}},
        Fault{"a_line", 200, R"({"access_token":"PASSWORD\r\n"})", {}, Code::bad_upstream, {"blanks, control"}}),
    [](const auto &row) { return std::string(row.param.what); });

class GoogleIamFault : public Google, public ::testing::WithParamInterface<Fault> {};

TEST_P(GoogleIamFault, L1_is_told_without_token_password_or_body) {
  const Fault &fault = GetParam();
  host.expect("POST", sts_url).reply(200, access_token(federated));
  host.expect("POST", iam_url)
      .reply(fault.status, with_canaries(fault.body), {{"X-Echo", "Bearer " + federated}})
      .retry_after(std::chrono::seconds(77));
  const Outcome outcome = ask(with({{"serviceAccount", puller}}), image(own_image));
  EXPECT_THAT(outcome, StatusIs(fault.code, ::testing::_));
  for (const char *word : fault.words) EXPECT_THAT(outcome.text, HasSubstr(word));
  EXPECT_THAT(outcome.text, EndsWith("; service account \"puller@acme.iam.gserviceaccount.com\" by the pod's subject "
                                     "\"system:serviceaccount:purple-team:builder\", host "
                                     "\"iamcredentials.googleapis.com\""));
  EXPECT_THAT(outcome.text, Not(HasSubstr("quote-me-not")));
  EXPECT_EQ(outcome.retry_after.has_value(), fault.code == Code::throttled);
  expect_no_leak(outcome, federated);
}

INSTANTIATE_TEST_SUITE_P(
    table, GoogleIamFault,
    ::testing::Values(
        Fault{
            "s400", 400, rpc(400, "INVALID_ARGUMENT"), {}, Code::denied, {"Google's IAM (HTTP 400)", "email address"}},
        Fault{"s401", 401, rpc(401, "UNAUTHENTICATED"), {}, Code::denied, {"settings.iamEndpoint"}},
        Fault{"s403", 403, rpc(403, "PERMISSION_DENIED"), {}, Code::denied, {"roles/iam.workloadIdentityUser"}},
        Fault{
            "disabled",
            403,
            rpc(403, "PERMISSION_DENIED", "API has not been used in project 1 before or it is disabled. quote-me-not"),
            {},
            Code::bad_config,
            {"gcloud services enable iamcredentials.googleapis.com"}},
        Fault{"s404", 404, rpc(404, "NOT_FOUND"), {}, Code::denied, {"no such service account"}},
        Fault{"s429", 429, rpc(429, "RESOURCE_EXHAUSTED"), {}, Code::throttled, {"it asks to wait"}},
        Fault{"s500", 500, rpc(500, "INTERNAL"), {}, Code::unavailable, {"it is failing"}},
        Fault{"no_token", 200, R"({"access_token":"PASSWORD"})", {}, Code::bad_upstream, {"holds no \"accessToken\""}},
        Fault{"over",
              200,
              R"({"accessToken":"PASSWORD","expireTime":"2025-06-15T15:00:00Z"})",
              {},
              Code::bad_upstream,
              {"expired 400 s ago"}}),
    [](const auto &row) { return std::string(row.param.what); });

TEST_F(Google, a_refused_impersonation_is_not_explained_by_the_pods_token) {
  json claims = pod_claims();
  claims["iss"] = "https://kubernetes.default.svc.cluster.local";
  pod_token = fake_token(claims);
  host.expect("POST", sts_url).reply(200, access_token(federated));
  host.expect("POST", iam_url).reply(403, rpc(403, "PERMISSION_DENIED"));
  EXPECT_THAT(ask(with({{"serviceAccount", puller}}), image(own_image)),
              StatusIs(Code::denied, HasSubstr("may not be impersonated")));
}

// A provider may have the cluster's keys, so its issuer need not be known outside.
TEST_F(Google, an_issuer_that_only_the_cluster_knows_is_not_blamed_for_every_refusal) {
  json claims = pod_claims();
  claims["iss"] = "https://kubernetes.default.svc.cluster.local";
  pod_token = fake_token(claims);
  host.expect("POST", sts_url).reply(400, oauth("invalid_grant", "The audience in ID Token does not match."));
  EXPECT_THAT(ask(with(), image(own_image)),
              StatusIs(Code::denied, HasSubstr("audience is not one that the provider allows")));
  host.expect("POST", sts_url).reply(400, oauth("invalid_grant", "Error connecting to the given credential's issuer."));
  EXPECT_THAT(ask(with(), image(own_image)), StatusIs(Code::denied, HasSubstr("--jwk-json-path")));
}

// M3: what expires_in or expireTime says; unknown without.
TEST_F(Google, M3_the_lifetime_follows_the_answer) {
  const auto lifetime_of = [&](const json &body) {
    host.expect("POST", sts_url).reply(200, body.dump());
    const Outcome outcome = ask(with(), image(own_image));
    EXPECT_THAT(outcome, IsOk());
    return outcome.lifetime;
  };
  EXPECT_EQ(lifetime_of({{"access_token", federated}}), std::nullopt);
  EXPECT_EQ(lifetime_of({{"access_token", federated}, {"expires_in", "1800"}}), std::chrono::seconds(1800));
  EXPECT_EQ(lifetime_of({{"access_token", federated}, {"expires_in", "soon"}}), std::chrono::seconds(0));
}

}  // namespace
}  // namespace regcred::test
