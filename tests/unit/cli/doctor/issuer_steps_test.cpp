// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/issuer_steps.hpp"

#include <regcred/testing/fake_request.hpp>

#include "scripted_network.hpp"

namespace regcred::core {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char *issuer = "https://issuer.example.com";
constexpr const char *discovery_url = "https://issuer.example.com/.well-known/openid-configuration";
constexpr const char *keys_url = "https://issuer.example.com/openid/v1/jwks";

class IssuerSteps : public ::testing::Test {
 protected:
  IssuerSteps() {
    publish();
    publish_keys(
        R"({"keys":[{"kid":"other","kty":"RSA"},{"kid":"key-1","kty":"RSA","alg":"RS256","n":"AQAB","e":"AQAB"}]})");
    network_.report.ended_in = ProbePhase::done;
    network_.report.addresses = {"203.0.113.7"};
  }
  // The sound discovery document with a merge patch.
  void publish(const json &patch = json::object()) {
    json document = {{"issuer", issuer}, {"jwks_uri", keys_url}, {"id_token_signing_alg_values_supported", {"RS256"}}};
    document.merge_patch(patch);
    network_.answers[discovery_url] = {.status = 200, .body = document.dump()};
  }
  void publish_keys(const std::string &body) { network_.answers[keys_url] = {.status = 200, .body = body}; }

  DoctorReport examine(const std::string &named = issuer, const std::string &algorithm = "RS256") {
    TokenFacts facts{"e30.e30.c2lnbmF0dXJl", algorithm, "key-1", {}};
    facts.claims.issuer = named;
    DoctorReport report;
    examine_issuer(facts, network_, report);
    std::vector<std::string> names;
    for (const Step &step : report.steps()) names.push_back(step.name);
    EXPECT_EQ(names, issuer_steps) << "every step is there, once, in order";
    return report;
  }
  // Expects this step to fail, with its cure.
  void expect_failure(const DoctorReport &report, const std::string &step, const char *what, const char *cure) {
    EXPECT_STREQ(state_of(report, step), "failed") << step << ": " << what;
    EXPECT_THAT(step_in(report, step).what, HasSubstr(what));
    EXPECT_THAT(step_in(report, step).cure, HasSubstr(cure));
  }

  ScriptedNetwork network_;
};

TEST_F(IssuerSteps, a_sound_issuer_and_nothing_but_plain_gets) {
  const DoctorReport report = examine();
  EXPECT_FALSE(report.error()) << report.as_text("", {});
  EXPECT_EQ(network_.checked, "e30.e30");
  EXPECT_THAT(network_.probed, ElementsAre("issuer.example.com with public roots"));
  for (const auto &request : network_.sent) EXPECT_EQ(request.authorization, "");
  EXPECT_EQ(network_.sent.size(), 2U);
}

TEST_F(IssuerSteps, H1_only_https_issuers_are_asked) {
  for (const char *named :
       {"", "kubernetes/serviceaccount", "http://issuer.example.com", "https://user@issuer.example.com",
        "https://issuer.example.com\\@evil", "file:///etc/passwd", "https://"}) {
    network_.sent.clear();
    expect_failure(examine(named), "issuer-reach", "is not an https address", "--service-account-issuer");
    EXPECT_THAT(network_.sent, IsEmpty()) << named;
  }
}

TEST_F(IssuerSteps, who_can_reach_it) {
  struct Case {
    const char *issuer;
    std::vector<std::string> addresses;
    const char *what;
    const char *hint;
  };
  const Case cases[] = {
      {"https://issuer.example.com", {"203.0.113.7"}, "has a public address", ""},
      {"https://issuer.example.com",
       {"10.1.2.3", "fd00::1"},
       "is known to this network alone",
       "publish the cluster's"},
      {"https://issuer.example.com", {"10.1.2.3", "203.0.113.7"}, "has a public address", ""},
      {"https://kubernetes.default.svc", {}, "is known to this network alone", "publish the cluster's"},
      {"https://kubernetes.default.svc.cluster.local", {"10.96.0.1"}, "is known to this network alone", "publish"},
      {"https://10.0.0.1:6443", {}, "is known to this network alone", "publish the cluster's"},
  };
  for (const Case &row : cases) {
    network_.report.addresses = row.addresses;
    const Step step = step_in(examine(row.issuer), "issuer-reach");
    EXPECT_EQ(step.state, StepState::passed);
    EXPECT_THAT(step.what, HasSubstr(row.what)) << row.issuer;
    EXPECT_THAT(step.cure, HasSubstr(row.hint)) << row.issuer;
  }
}

TEST_F(IssuerSteps, one_that_only_the_cluster_knows_is_cured_by_publishing_it) {
  network_.answers.clear();
  const std::pair<const char *, const char *> cases[] = {
      {"https://kubernetes.default.svc.cluster.local", "this issuer is known inside the cluster only: publish"},
      {"https://kubernetes.default.svc", "this issuer is known inside the cluster only: publish"},
      {"https://kubernetes.default.svc.k8s.example.org:6443", "this issuer is known inside the cluster only: publish"},
      {"https://10.0.0.1:6443", "this issuer is known to its own network only: publish"},
  };
  for (const auto &[named, cure] : cases) {
    expect_failure(examine(named), "issuer-discovery", "no connection to it", cure);
  }
}

TEST_F(IssuerSteps, a_certificate_that_only_this_configuration_trusts_is_a_hint) {
  network_.report.ended_in = ProbePhase::tls;
  network_.report.verify_result = "unable to get local issuer certificate (CN=x)";
  EXPECT_THAT(step_in(examine(), "issuer-reach").cure, HasSubstr("only defaults.caFile makes its certificate trusted"));
}

TEST_F(IssuerSteps, a_document_that_cannot_be_had) {
  struct Case {
    Fetched answer;
    const char *what;
    const char *cure;
  };
  const Case cases[] = {
      {{.failure = "no connection to it; check the firewall"}, "no connection to it", "check the firewall"},
      {{.status = 404}, "HTTP 404", "--service-account-issuer"},
      {{.status = 403}, "HTTP 403", "system:service-account-issuer-discovery"},
      {{.status = 302, .headers = {{"location", "https://evil.example.com"}}}, "HTTP 302, a redirect", "publish"},
      {{.status = 200, .body = "<html>"}, "is not a JSON object", "publish"},
      {{.status = 200, .body = "[]"}, "is not a JSON object", "publish"},
  };
  for (const Case &row : cases) {
    network_.answers[discovery_url] = row.answer;
    network_.sent.clear();
    const DoctorReport report = examine();
    expect_failure(report, "issuer-discovery", row.what, row.cure);
    EXPECT_STREQ(state_of(report, "token-signature"), "skipped");
    EXPECT_EQ(network_.sent.size(), 1U);
  }
}

TEST_F(IssuerSteps, a_document_of_another_issuer) {
  for (const char *named : {"https://issuer.example.com/", "https://other.example.com", ""}) {
    publish({{"issuer", named}});
    const DoctorReport report = examine();
    expect_failure(report, "issuer-identity", "the token of \"https://issuer.example.com\"", "to the last slash");
    EXPECT_STREQ(state_of(report, "token-signature"), "passed");
  }
}

TEST_F(IssuerSteps, keys_that_cannot_be_had_or_lie_elsewhere) {
  publish({{"jwks_uri", nullptr}});
  expect_failure(examine(), "issuer-keys", "has no jwks_uri", "publish");
  publish({{"jwks_uri", "http://issuer.example.com/keys"}});
  EXPECT_STREQ(state_of(examine(), "issuer-keys"), "failed");
  publish({{"jwks_uri", "https://10.0.0.1:6443/openid/v1/jwks"}});
  network_.answers["https://10.0.0.1:6443/openid/v1/jwks"] = network_.answers[keys_url];
  expect_failure(examine(), "issuer-keys",
                 "10.0.0.1:6443 is at 10.0.0.1, an address of a private network: nothing was asked there",
                 "publish the keys beside the discovery document");
  network_.addresses["issuer.example.com"] = "10.1.2.3";
  const DoctorReport hidden = examine();
  expect_failure(hidden, "issuer-keys", "a host that this network alone knows", "publish the keys beside");
  EXPECT_STREQ(state_of(hidden, "token-signature"), "passed");
  network_.addresses.clear();
  publish({{"jwks_uri", "https://keys.example.com/jwks"}});
  network_.answers["https://keys.example.com/jwks"] = network_.answers[keys_url];
  EXPECT_THAT(step_in(examine(), "issuer-keys").cure, HasSubstr("a registry must reach keys.example.com as well"));
  publish();
  for (const char *body : {"{}", R"({"keys":[]})", R"({"keys":{}})", R"({"keys":"x"})"}) {
    publish_keys(body);
    expect_failure(examine(), "issuer-keys", "contains no keys", "publish");
  }
}

TEST_F(IssuerSteps, the_key_of_the_token) {
  publish_keys(R"({"keys":[{"kid":"a"},7,{"kid":"b"}]})");
  const DoctorReport unknown = examine();
  expect_failure(unknown, "issuer-key", "has no key \"key-1\"", "kubectl get --raw /openid/v1/jwks");
  EXPECT_THAT(step_in(unknown, "issuer-key").details, ElementsAre("it has \"a\", \"b\""));
  publish_keys(R"({"keys":[{"kid":"key-1","alg":"ES256"}]})");
  expect_failure(examine(), "issuer-key", "the key is for \"ES256\"", "kube-apiserver");
  publish_keys(R"({"keys":[{"kid":"key-1"}]})");
  publish({{"id_token_signing_alg_values_supported", {"ES256"}}});
  expect_failure(examine(), "issuer-key", "does not list the token's algorithm \"RS256\"", "kube-apiserver");
}

TEST_F(IssuerSteps, the_verdict_on_the_signature) {
  network_.signature = SignatureCheck::does_not_fit;
  expect_failure(examine(), "token-signature", "does not fit", "another cluster's");
  network_.signature = SignatureCheck::unusable_key;
  expect_failure(examine(), "token-signature", "cannot be used with \"RS256\"", "kube-apiserver");
  for (const SignatureCheck outcome : {SignatureCheck::unknown_algorithm, SignatureCheck::not_checked}) {
    network_.signature = outcome;
    EXPECT_STREQ(state_of(examine(), "token-signature"), "skipped");
  }
}

// No verifier takes a token whose signature needs no key, or one that its issuer shares.
TEST_F(IssuerSteps, a_token_that_nobody_can_verify_fails) {
  for (const char *algorithm : {"none", "None", "NONE", "HS256", "HS512"}) {
    publish({{"id_token_signing_alg_values_supported", {algorithm}}});
    network_.signature = SignatureCheck::unknown_algorithm;
    expect_failure(examine(issuer, algorithm), "token-signature", "nobody can verify", "RS256");
  }
}

}  // namespace
}  // namespace regcred::core
