// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/token_steps.hpp"

#include <regcred/testing/fake_request.hpp>

#include "cli/doctor/words.hpp"
#include "scripted_network.hpp"

namespace regcred::core {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::int64_t now = 1'700'000'000;

json sound_claims() {
  return {{"iss", "https://issuer.example.com"},
          {"sub", "system:serviceaccount:team-a:puller"},
          {"aud", {"cloudsmith"}},
          {"iat", now - 60},
          {"exp", now + 3540},
          {"kubernetes.io",
           {{"namespace", "team-a"}, {"pod", {{"name", "web-0"}}}, {"serviceaccount", {{"name", "puller"}}}}}};
}

std::string token_of(const json &claims, const json &header = {{"alg", "RS256"}, {"kid", "key-1"}}) {
  return base64url_encode(header.dump()) + "." + base64url_encode(claims.dump()) + ".c2lnbmF0dXJl";
}

RegistryEntry entry_for(const std::string &audience) {
  RegistryEntry entry;
  entry.name = "cloudsmith";
  entry.audience = audience;
  entry.origin = "config.yaml:4:5";
  return entry;
}

DoctorReport examined(const json &claims, const RegistryEntry &entry, const RegistryOpinion &opinion = {}) {
  DoctorReport report;
  static_cast<void>(examine_token(token_of(claims), {&entry, opinion}, now, report));
  return report;
}

TEST(TokenSteps, a_sound_token_says_whose_it_is) {
  DoctorReport report;
  const RegistryEntry entry = entry_for("cloudsmith");
  const std::string token = token_of(sound_claims());
  const auto facts = examine_token(token, {&entry, {}}, now, report);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->algorithm, "RS256");
  EXPECT_EQ(facts->key_id, "key-1");
  EXPECT_EQ(step_in(report, "token").what, "service account \"puller\" of namespace \"team-a\", pod \"web-0\"");
  EXPECT_THAT(step_in(report, "token").details, Contains("subject \"system:serviceaccount:team-a:puller\""));
  EXPECT_EQ(step_in(report, "token-expiry").what, "59 min left, until 2023-11-14 23:12:20Z");
  EXPECT_FALSE(report.error());
}

TEST(TokenSteps, what_is_wrong_is_found_with_its_cure) {
  struct Case {
    const char *patch;  // a JSON merge patch on the sound claims
    const char *step;
    const char *what;
    const char *cure;
  };
  const Case cases[] = {
      {R"({"exp":1699992800})", "token-expiry", "expired since 2023-11-14 20:13:20Z, 2 h ago", "kubectl create token"},
      {R"({"exp":null})", "token-expiry", "the token never expires", "TokenRequest API"},
      {R"({"exp":"soon"})", "token-expiry", "the token never expires", "TokenRequest API"},
      {R"({"nbf":1700003600})", "token-expiry", "is not valid yet, but from 2023-11-14 23:13:20Z on, in 1 h by",
       "see the clocks of this node and of the control plane"},
      {R"({"iat":1700000300})", "token-expiry", "5 min ahead of this node's clock", "see the clocks"},
      {R"({"aud":["a","b"]})", "token-audience", "is for \"a\", \"b\", and entry cloudsmith wants \"cloudsmith\"",
       "serviceAccountTokenAudience to \"cloudsmith\" in the kubelet's CredentialProviderConfig, or correct `audience` "
       "at config.yaml:4:5"},
      {R"({"aud":null})", "token-audience", "is for none", "serviceAccountTokenAudience"},
  };
  for (const Case &row : cases) {
    json claims = sound_claims();
    claims.merge_patch(json::parse(row.patch));
    const DoctorReport report = examined(claims, entry_for("cloudsmith"));
    EXPECT_STREQ(state_of(report, row.step), "failed") << row.patch;
    EXPECT_THAT(step_in(report, row.step).what, HasSubstr(row.what));
    EXPECT_THAT(step_in(report, row.step).cure, HasSubstr(row.cure));
    EXPECT_EQ(report.error()->code, ErrorCode::config);
  }
}

TEST(TokenSteps, an_audience_that_the_API_server_takes_is_a_hint) {
  for (const char *audience :
       {"https://issuer.example.com", "https://kubernetes.default.svc", "https://kubernetes.default.svc.cluster.local",
        "kubernetes.default.svc", "api", "k3s", "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC",
        "https://container.googleapis.com/v1/projects/p/locations/l/clusters/c"}) {
    json claims = sound_claims();
    claims["aud"] = {audience};
    const DoctorReport report = examined(claims, entry_for(audience));
    EXPECT_STREQ(state_of(report, "token-audience"), "passed");
    EXPECT_THAT(step_in(report, "token-audience").cure, HasSubstr("the cluster's API server takes tokens of this"))
        << audience;
  }
  for (const char *audience :
       {"cloudsmith", "https://reg.example.com", "https://acme.jfrog.io", "kubernetes.example.com"}) {
    json claims = sound_claims();
    claims["aud"] = {audience};
    EXPECT_EQ(step_in(examined(claims, entry_for(audience)), "token-audience").cure, "") << audience;
  }
}

TEST(TokenSteps, an_entry_without_audience_is_not_judged) {
  const DoctorReport report = examined(sound_claims(), entry_for(""));
  EXPECT_STREQ(state_of(report, "token-audience"), "skipped");
  EXPECT_THAT(step_in(report, "token-audience").what, HasSubstr("names no audience; the token is for \"cloudsmith\""));
}

TEST(TokenSteps, what_token_entry_and_backend_have_stands_side_by_side) {
  const RegistryOpinion sts{"", {"sts.amazonaws.com", "sts"}, "the client IDs of the provider"};
  RegistryEntry entry = entry_for("cloudsmith");
  entry.backend = "ecr";
  const Step step = step_in(examined(sound_claims(), entry, sts), "token-audience");
  EXPECT_THAT(step.details,
              ::testing::ElementsAre("the token's aud: \"cloudsmith\"", "entry cloudsmith: \"cloudsmith\"",
                                     "backend ecr expects: \"sts.amazonaws.com\" or \"sts\""));
  EXPECT_EQ(step.state, StepState::passed) << "the other side may have been configured";
  EXPECT_THAT(step.cure, HasSubstr("make tokens for \"sts.amazonaws.com\""));
  EXPECT_THAT(step.cure, HasSubstr("or see that this audience is in the client IDs of the provider"));

  const RegistryOpinion same{"", {"other", "cloudsmith"}, ""};
  EXPECT_EQ(step_in(examined(sound_claims(), entry, same), "token-audience").cure, "");
  EXPECT_THAT(step_in(examined(sound_claims(), entry), "token-audience").details,
              Contains("backend ecr expects: what you chose there"));
  entry.audience = "";
  EXPECT_THAT(step_in(examined(sound_claims(), entry, sts), "token-audience").cure, HasSubstr("make tokens for"));
}

TEST(TokenSteps, tokens_that_no_kubelet_sends_are_called_so) {
  json claims = sound_claims();
  claims["kubernetes.io"].erase("pod");
  EXPECT_THAT(step_in(examined(claims, entry_for("")), "token").details, Contains(HasSubstr("not bound to a pod")));
  claims["kubernetes.io"] = "odd";
  EXPECT_THAT(step_in(examined(claims, entry_for("")), "token").cure, HasSubstr("no kubernetes.io claims"));
}

TEST(TokenSteps, what_is_no_token_fails_and_is_not_quoted) {
  for (const char *text : {"canary", "canary.canary", "e30.canary", "a.b.c.d", "!.e30.x", "W10.e30.x"}) {
    DoctorReport report;
    EXPECT_FALSE(examine_token(text, {}, now, report)) << text;
    EXPECT_EQ(report.error()->code, ErrorCode::usage);
    EXPECT_THAT(report.as_text("", {}), ::testing::Not(HasSubstr("canary")));
    EXPECT_STREQ(state_of(report, "token-expiry"), "skipped");
  }
}

TEST(Words, spans_of_time) {
  const std::pair<std::int64_t, const char *> cases[] = {{0, "0 s"},          {-45, "45 s"},     {119, "119 s"},
                                                         {120, "2 min"},      {3599, "59 min"},  {3600, "1 h"},
                                                         {7500, "2 h 5 min"}, {172800, "2 days"}};
  for (const auto &[seconds, words] : cases) EXPECT_EQ(span_words(seconds), words);
}

}  // namespace
}  // namespace regcred::core
