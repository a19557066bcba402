// SPDX-License-Identifier: Apache-2.0
// What a server refuses a login or a read with, and what the operator reads of it. The sentences are OpenBao's.
#include "backends/vault/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string errors(const std::string &text) { return json{{"errors", {text}}, {"data", "TOKEN"}}.dump(); }

class VaultFault : public Vault, public ::testing::WithParamInterface<Fault> {
 protected:
  // Every text names what was asked for, and the claims to compare. It quotes nothing of the answer.
  void expect_said(const Outcome &outcome, const std::string &asked) const {
    const Fault &fault = GetParam();
    EXPECT_THAT(outcome, StatusIs(fault.code, ::testing::_));
    for (const char *word : fault.words) EXPECT_THAT(outcome.text, HasSubstr(word));
    EXPECT_THAT(outcome.text, HasSubstr("; " + asked + ", host \"vault.example.com:8200\", token's issuer"));
    EXPECT_THAT(outcome.text, HasSubstr("subject \"system:serviceaccount:purple-team:builder\""));
    EXPECT_LE(outcome.text.size(), 512U);
    EXPECT_THAT(outcome.text, Not(EndsWith("...")));
    EXPECT_THAT(outcome.text, Not(HasSubstr("quote-me-not")));
    expect_no_leak(outcome, client_token);
  }
  ScriptedCall &play(ScriptedCall &call) const {
    HttpHeaders headers = GetParam().headers;
    for (auto &[name, value] : headers) value = with_canaries(value);
    headers.emplace_back("X-Echo", pod_token);
    return call.reply(GetParam().status, with_canaries(GetParam().body), headers).retry_after(std::chrono::seconds(77));
  }
};

class VaultLoginFault : public VaultFault {};

TEST_P(VaultLoginFault, L1_is_said_without_token_and_body) {
  play(host.expect("POST", login_url));
  expect_said(ask(settings(), image(own_image)), "login at \"auth/jwt\", role \"puller\"");
}

TEST_P(VaultLoginFault, L1_is_said_of_an_inline_login_too) {
  Fault fault = GetParam();
  if (fault.status < 400 || fault.status == 503 || fault.status == 429) return;  // not of the login alone
  ScriptedCall &call = host.expect("GET", secret_url);
  HttpHeaders headers = {{"X-Vault-Inline-Auth-Failed", "true"}};
  call.reply(fault.status, with_canaries(fault.body), headers);
  expect_said(ask(settings({{"login", "inline"}}), image(own_image)),
              "path \"secret/data/registries/harbor\", login at \"auth/jwt\", role \"puller\"");
}

INSTANTIATE_TEST_SUITE_P(
    table, VaultLoginFault,
    ::testing::Values(
        Fault{"no_role",
              400,
              errors("role \"quote-me-not\" could not be found"),
              {},
              Code::bad_config,
              {"Vault (HTTP 400)", "no such role; correct settings.role"}},
        Fault{"no_kubernetes_role",
              400,
              errors("invalid role name \"quote-me-not\""),
              {},
              Code::bad_config,
              {"no such role"}},
        Fault{"no_bound_audience",
              400,
              errors("audience claim found in JWT but no audiences bound to the role"),
              {},
              Code::denied,
              {"the role has no bound_audiences"}},
        Fault{"other_audience",
              400,
              errors("error validating token: invalid audience (aud) claim: audience claim does not match any expected "
                     "audience"),
              {},
              Code::denied,
              {"among the role's bound_audiences", "serviceAccountTokenAudience"}},
        Fault{"other_issuer",
              400,
              errors("error validating token: invalid issuer (iss) claim"),
              {},
              Code::denied,
              {"bound_issuer"}},
        Fault{"other_subject",
              400,
              errors("error validating token: invalid subject (sub) claim"),
              {},
              Code::denied,
              {"bound_subject"}},
        Fault{"expired",
              400,
              errors("error validating token: invalid expiration time (exp) claim: token is expired"),
              {},
              Code::denied,
              {"expired by its clock"}},
        Fault{"not_yet",
              400,
              errors("error validating token: invalid not before (nbf) claim: token not yet valid"),
              {},
              Code::denied,
              {"not valid yet by its clock"}},
        Fault{"other_key",
              400,
              errors("error validating token: error verifying token signature: no known key successfully validated the "
                     "token signature"),
              {},
              Code::denied,
              {"fits no key of this auth method", "jwks_url"}},
        Fault{"other_claims",
              400,
              errors("error validating claims: claim \"/quote-me-not\" is missing"),
              {},
              Code::denied,
              {"bound_claims"}},
        Fault{"s400", 400, errors("quote-me-not"), {}, Code::denied, {"it refuses the token", "user_claim=sub"}},
        Fault{"s403",
              403,
              errors("permission denied"),
              {},
              Code::denied,
              {"it refuses the login", "token_bound_cidrs", "settings.authMount", "tokenreviews"}},
        Fault{"s404", 404, errors("quote-me-not"), {}, Code::bad_config, {"no login is there", "settings.authMount"}},
        Fault{"no_namespace", 404, errors("namespace not found"), {}, Code::bad_config, {"settings.namespace"}},
        Fault{"not_configured",
              500,
              errors("could not load backend configuration"),
              {},
              Code::bad_config,
              {"the auth method has no configuration"}},
        Fault{"s500", 500, errors("quote-me-not"), {}, Code::unavailable, {"it is failing"}},
        Fault{"sealed", 503, errors("Vault is sealed"), {}, Code::unavailable, {"it is sealed; unseal it"}},
        Fault{"s503", 503, "quote-me-not", {}, Code::unavailable, {"it is failing"}},
        Fault{"s429",
              429,
              errors("request path \"auth/jwt/login\": rate limit quota exceeded"),
              {},
              Code::throttled,
              {"it asks to wait"}},
        Fault{"standby",
              307,
              "",
              {{"Location", "https://10.0.0.7:8200/v1/?TOKEN"}},
              Code::bad_upstream,
              {"this is a standby", "settings.address"}},
        Fault{"s302",
              302,
              "",
              {{"Location", "https://evil.example/?TOKEN"}},
              Code::bad_upstream,
              {"redirects", "\"evil.example\"", "settings.address"}},
        Fault{"a_page", 200, "<html>PASSWORD", {}, Code::bad_upstream, {"a web page", "settings.address"}},
        Fault{"not_json", 200, "PASSWORD", {}, Code::bad_upstream, {"Vault's answer cannot be read"}},
        Fault{"no_token", 200, R"({"auth":null})", {}, Code::bad_upstream, {"holds no \"auth.client_token\""}},
        Fault{"a_broken_token",
              200,
              R"({"auth":{"client_token":"a\r\nX: y"}})",
              {},
              Code::bad_upstream,
              {"\"auth.client_token\" with blanks"}}),
    [](const auto &row) { return std::string(row.param.what); });

class VaultReadFault : public VaultFault {};

TEST_P(VaultReadFault, L1_is_said_without_token_and_body) {
  expect_login();
  play(expect_read());
  expect_revocation();
  expect_said(ask(settings(), image(own_image)), "path \"secret/data/registries/harbor\", role \"puller\"");
}

std::string kv2_metadata(const char *deleted, bool destroyed) {
  return json{{"data", {{"data", nullptr}, {"metadata", {{"deletion_time", deleted}, {"destroyed", destroyed}}}}}}
      .dump();
}

INSTANTIATE_TEST_SUITE_P(
    table, VaultReadFault,
    ::testing::Values(
        Fault{"s403",
              403,
              errors("1 error occurred:\n\t* permission denied\n\n"),
              {},
              Code::denied,
              {"Vault (HTTP 403)", "policies do not allow read on this path"}},
        Fault{"s404", 404, R"({"errors":[]})", {}, Code::bad_config, {"no secret is at this path"}},
        Fault{"deleted",
              404,
              kv2_metadata("2025-06-15T12:00:00Z", false),
              {},
              Code::bad_config,
              {"newest version is deleted"}},
        Fault{"destroyed", 404, kv2_metadata("", true), {}, Code::bad_config, {"newest version is deleted"}},
        Fault{"no_mount",
              404,
              errors("no handler for route \"secret/quote-me-not\". route entry not found."),
              {},
              Code::bad_config,
              {"nothing is mounted there; correct settings.mount"}},
        Fault{"kv2_as_kv1",
              404,
              R"({"data":null,"warnings":["Invalid path for a versioned K/V secrets engine. quote-me-not"]})",
              {},
              Code::bad_config,
              {"settings.engine: kv2"}},
        Fault{"no_namespace", 404, errors("namespace not found"), {}, Code::bad_config, {"settings.namespace"}},
        Fault{"no_dynamic_role",
              400,
              errors("unknown role: quote-me-not"),
              {},
              Code::bad_config,
              {"the engine has no such role"}},
        Fault{"no_inline_login", 400, errors("missing client token"), {}, Code::bad_config, {"settings.login: token"}},
        Fault{"s400", 400, errors("quote-me-not"), {}, Code::bad_config, {"settings.path and settings.engine"}},
        Fault{"s405", 405, errors("unsupported operation"), {}, Code::bad_config, {"this path cannot be read"}},
        Fault{"s412", 412, errors("quote-me-not"), {}, Code::unavailable, {"not replicated to this node yet"}},
        Fault{"inline_lease",
              500,
              errors("requests with inline authentication cannot generate leases"),
              {},
              Code::bad_config,
              {"settings.engine: dynamic"}},
        Fault{"s500", 500, errors("quote-me-not"), {}, Code::unavailable, {"it is failing"}},
        Fault{"s502", 502, "TOKEN", {}, Code::unavailable, {"it is failing"}},
        Fault{"sealed", 503, errors("Vault is sealed"), {}, Code::unavailable, {"it is sealed"}},
        Fault{"s429", 429, errors("rate limit quota exceeded"), {}, Code::throttled, {"it asks to wait"}},
        Fault{"standby",
              307,
              "",
              {{"Location", "https://10.0.0.7:8200/v1/?TOKEN"}},
              Code::bad_upstream,
              {"this is a standby"}},
        Fault{"a_page", 200, "<html>PASSWORD", {}, Code::bad_upstream, {"a web page"}},
        Fault{"not_json", 200, "PASSWORD", {}, Code::bad_upstream, {"Vault's answer cannot be read"}},
        Fault{"no_data",
              200,
              R"({"data":null})",
              {},
              Code::bad_upstream,
              {"holds no \"data.data.password\"", "correct settings.passwordField"}},
        Fault{"no_password",
              200,
              R"({"data":{"data":{"username":"u"}}})",
              {},
              Code::bad_upstream,
              {"holds no \"data.data.password\""}},
        Fault{"no_username",
              200,
              R"({"data":{"data":{"password":"PASSWORD"}}})",
              {},
              Code::bad_upstream,
              {"holds no \"data.data.username\"", "correct settings.usernameField"}},
        Fault{"a_number",
              200,
              R"({"data":{"data":{"password":7,"username":"u"}}})",
              {},
              Code::bad_upstream,
              {"that is not a text"}},
        Fault{"a_colon",
              200,
              R"({"data":{"data":{"password":"PASSWORD","username":"u:v"}}})",
              {},
              Code::bad_upstream,
              {"cannot be a username"}}),
    [](const auto &row) { return std::string(row.param.what); });

// A Vault of the cluster reads that issuer's keys, or asks its API server: the usual words would mislead.
TEST_F(Vault, an_issuer_of_the_cluster_is_not_taken_for_the_cause) {
  json claims = pod_claims();
  claims["iss"] = "https://kubernetes.default.svc.cluster.local";
  host.expect("POST", login_url).reply(403, errors("permission denied"));
  const Outcome outcome = ask(settings(), FakeRequest(own_image).token(fake_token(claims)));
  EXPECT_THAT(outcome, StatusIs(Code::denied, HasSubstr("it refuses the login")));
}

TEST_F(Vault, the_hosts_failure_is_handed_on) {
  host.expect("POST", login_url).fail(Code::unavailable, "vault.example.com is not known");
  EXPECT_THAT(ask(settings(), image(own_image)),
              StatusIs(Code::unavailable, HasSubstr("Vault (no complete answer): vault.example.com is not known")));
  expect_login();
  expect_read().fail(Code::timeout, "no answer before the deadline");
  expect_revocation();
  EXPECT_THAT(ask(settings(), image(own_image)), StatusIs(Code::timeout, HasSubstr("no answer")));
}

}  // namespace
}  // namespace regcred::test
