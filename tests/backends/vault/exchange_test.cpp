// SPDX-License-Identifier: Apache-2.0
// What the vault backend sends, and what it makes of the answers.
#include "backends/vault/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Vault, logs_in_reads_and_revokes_the_login) {
  const Outcome outcome = read(settings(), kv2_answer(user_and_password()));
  expect_harbors_answer(outcome, password);
  ASSERT_EQ(host.calls().size(), 3U);
  EXPECT_EQ(host.calls()[1].body, "");
  for (const RecordedCall &call : host.calls()) {
    if (call.url == login_url) continue;
    EXPECT_EQ(find_leak(pod_token, call.body), std::nullopt);
    for (const auto &[name, value] : call.headers) EXPECT_EQ(find_leak(pod_token, value), std::nullopt) << name;
  }
  expect_no_leak(outcome, client_token);
}

TEST_F(Vault, says_what_it_is) {
  EXPECT_EQ(regcred::test::backend_name(backend()), "vault");
  EXPECT_EQ(backend().token_use, REGCRED_TOKEN_REQUIRED);
  EXPECT_THAT(annotation_keys(backend()), IsEmpty());
}

TEST_F(Vault, takes_method_mounts_namespace_and_fields_from_settings) {
  const char *login = "https://vault.example.com/v1/auth/kube/prod/login";
  host.expect("POST", login).with_header("X-Vault-Namespace", "team-a/ci").reply(200, login_answer().dump());
  host.expect("GET", "https://vault.example.com/v1/kv/old/registries/harbor")
      .with_header("X-Vault-Namespace", "team-a/ci")
      .reply(200, kv1_answer({{"login", {{"name", "robot$ci"}, {"secret", password}}}}).dump());
  host.expect("POST", "https://vault.example.com/v1/auth/token/revoke-self")
      .with_header("X-Vault-Namespace", "team-a/ci")
      .reply(204);
  const Outcome outcome = ask(settings({{"address", "https://Vault.example.com:443"},
                                        {"namespace", "team-a/ci/"},
                                        {"authMethod", "kubernetes"},
                                        {"authMount", "/kube/prod/"},
                                        {"engine", "kv1"},
                                        {"mount", "kv/old"},
                                        {"usernameField", "login.name"},
                                        {"passwordField", "login.secret"}}),
                              image(own_image));
  expect_harbors_answer(outcome, password);
}

TEST_F(Vault, the_mount_of_a_method_is_named_like_it) {
  expect_login("https://vault.example.com:8200/v1/auth/kubernetes/login");
  expect_read().reply(200, kv2_answer({{"password", password}}).dump());
  expect_revocation();
  const Outcome outcome = ask(settings({{"authMethod", "kubernetes"}, {"username", "robot$ci"}}), image(own_image));
  expect_harbors_answer(outcome, password);
}

// One request that logs in and reads, as OpenBao has it: nothing is left to revoke.
TEST_F(Vault, logs_in_within_the_request_when_asked_to) {
  host.expect("GET", secret_url)
      .with_header("X-Vault-Request", "true")
      .with_header("X-Vault-Inline-Auth-Path", "auth/jwt/login")
      .with_header("X-Vault-Inline-Auth-Parameter-1", base64url_encode(R"({"key":"role","value":"puller"})"))
      .with_header("X-Vault-Inline-Auth-Parameter-2", base64url_encode(R"({"key":"jwt","value":")" + pod_token + "\"}"))
      .reply(200, kv2_answer(user_and_password()).dump());
  expect_harbors_answer(ask(settings({{"login", "inline"}}), image(own_image)), password);
}

TEST_F(Vault, a_batch_token_is_not_revoked) {
  host.expect("POST", login_url).reply(200, login_answer("batch").dump());
  expect_read().reply(200, kv2_answer(user_and_password()).dump());
  expect_harbors_answer(ask(settings(), image(own_image)), password);
}

TEST_F(Vault, revocation_is_best_effort) {
  for (const int status : {400, 403, 500, 307}) {
    FakeHost fake;
    fake.expect("POST", login_url).reply(200, login_answer().dump());
    fake.expect("GET", secret_url).reply(200, kv2_answer(user_and_password()).dump());
    fake.expect("POST", revoke_url).reply(status, "PASSWORD");
    expect_harbors_answer(run(backend(), settings().dump(), image(own_image), fake), password);
  }
  FakeHost fake;
  fake.expect("POST", login_url).reply(200, login_answer().dump());
  fake.expect("GET", secret_url).reply(200, kv2_answer(user_and_password()).dump());
  fake.expect("POST", revoke_url).fail(Code::timeout, "no answer");
  expect_harbors_answer(run(backend(), settings().dump(), image(own_image), fake), password);
}

TEST_F(Vault, the_login_of_a_refused_read_is_revoked_too) {
  expect_login();
  expect_read().reply(404, R"({"errors":[]})");
  expect_revocation();
  EXPECT_THAT(ask(settings(), image(own_image)), StatusIs(Code::bad_config, HasSubstr("no secret is at this path")));
}

// H4: the kubelet waits for the answer, not for the revocation.
// A login of an engine stays for what the engine made, and for nothing else.
TEST_F(Vault, M3_the_login_of_a_lease_that_was_not_given_is_revoked) {
  const json dynamic = settings({{"engine", "dynamic"}, {"mount", "harbor"}, {"path", "creds/pull"}});
  for (const auto &[status, body] : {std::pair(403, R"({"errors":["permission denied"]})"),
                                     std::pair(200, R"({"lease_id":"l","lease_duration":60,"data":{}})")}) {
    FakeHost fake;
    fake.expect("POST", login_url).reply(200, login_answer().dump());
    fake.expect("GET", "https://vault.example.com:8200/v1/harbor/creds/pull").reply(status, body);
    fake.expect("POST", revoke_url).reply(204);
    const Outcome outcome = run(backend(), dynamic.dump(), image(own_image), fake);
    EXPECT_NE(outcome.code, REGCRED_OK);
    EXPECT_THAT(outcome.problems, IsEmpty());
  }
}

TEST_F(Vault, H4_nothing_is_revoked_when_less_than_two_seconds_are_left) {
  host.set_remaining(std::chrono::milliseconds(3000));
  expect_login();
  expect_read().reply(200, kv2_answer(user_and_password()).dump()).takes(std::chrono::milliseconds(1100));
  expect_harbors_answer(ask(settings(), image(own_image)), password);
}

class VaultPath : public Vault {
 protected:
  Outcome ask_by(const std::string &path, const std::string &image_name, const json &claims = pod_claims()) {
    return run(backend(), settings({{"path", path}, {"login", "inline"}}).dump(),
               FakeRequest(image_name).token(fake_token(claims)), host);
  }
  void expect_path(const std::string &path) {
    host.expect("GET", std::string(address) + "/v1/secret/data/" + path)
        .reply(200, kv2_answer(user_and_password()).dump());
  }
};

TEST_F(VaultPath, holds_names_of_image_and_pod) {
  expect_path("r/harbor.example.com%3A5000/x");
  EXPECT_THAT(ask_by("r/{registry}/x", "Harbor.example.com:5000/team/app"), IsOk());
  expect_path("purple-team-ci/builder");
  EXPECT_THAT(ask_by("{namespace}-ci/{serviceAccount}", own_image), IsOk());
  expect_path("r/%5B%3A%3A1%5D%3A5000");
  EXPECT_THAT(ask_by("r/{registry}", "[::1]:5000/app"), IsOk());
}

// H6: who may write a claim must not reach another tenant's secret.
TEST_F(VaultPath, H6_claims_that_are_no_names_send_nothing) {
  for (const char *subject : {"", "app", "system:serviceaccount:../b:app", "system:serviceaccount:a/b:app",
                              "system:serviceaccount:a:..", "system:serviceaccount:a:b?c", "system:node:n1"}) {
    json claims = pod_claims();
    claims["sub"] = subject;
    for (const char *path : {"{namespace}/x", "x/{serviceAccount}"}) {
      EXPECT_THAT(ask_by(path, own_image, claims), StatusIs(Code::bad_request, HasSubstr("so nothing was sent")));
    }
    expect_path("x");
    EXPECT_THAT(ask_by("x", own_image, claims), IsOk());  // not asked for
  }
  for (const char *image_name : {"harbor.example.com./app", "a..b/app", "../app", "a b/app"}) {
    EXPECT_THAT(ask_by("{registry}", image_name), StatusIs(Code::bad_request, HasSubstr("settings.path")));
  }
}

class VaultLease : public Vault {
 protected:
  static constexpr const char *creds_url = "https://vault.example.com:8200/v1/artifactory/token/pull";
  [[nodiscard]] json lease(const json &more = json::object()) const {
    json answer = {{"lease_id", "artifactory/token/pull/M0BJSwpdgpW2WkG5WezR0coW"},
                   {"lease_duration", 3600},
                   {"renewable", true},
                   {"data", {{"username", "v-robot"}, {"access_token", "token-canary-0123456789"}}}};
    answer.update(more);
    return answer;
  }
  Outcome lease_for(const json &login, const json &answer, seconds takes = seconds(0)) {
    FakeHost fake;
    fake.expect("POST", login_url).reply(200, login.dump());
    fake.expect("GET", creds_url).reply(200, answer.dump()).takes(takes);
    return run(backend(),
               settings({{"engine", "dynamic"},
                         {"mount", "artifactory"},
                         {"path", "token/pull"},
                         {"passwordField", "access_token"}})
                   .dump(),
               image(own_image), fake);
  }
};

// The login is never revoked: that would take the credential with it.
TEST_F(VaultLease, M3_ends_with_the_lease_and_with_the_login) {
  const auto lifetime = [&](const json &login, const json &answer, seconds takes = seconds(0)) {
    const Outcome outcome = lease_for(login, answer, takes);
    EXPECT_THAT(outcome, IsOk());
    return outcome.lifetime;
  };
  EXPECT_EQ(lifetime(login_answer("service", 7200), lease()), seconds(3600));
  EXPECT_EQ(lifetime(login_answer("service", 60), lease()), seconds(60));
  EXPECT_EQ(lifetime(login_answer("batch", 60), lease()), seconds(60));
  EXPECT_EQ(lifetime(login_answer("service", 60), lease(), seconds(5)), seconds(55));
  EXPECT_EQ(lifetime(login_answer("service", 3), lease(), seconds(5)), seconds(0));
}

TEST_F(VaultLease, M3_an_end_that_cannot_be_read_forbids_caching) {
  json login = login_answer("service", 7200);
  for (const json &duration : {json("an hour"), json(nullptr), json(0)}) {
    const Outcome outcome = lease_for(login, lease({{"lease_duration", duration}}));
    ASSERT_THAT(outcome, IsOk()) << duration;
    EXPECT_EQ(outcome.lifetime, seconds(0)) << duration;
  }
  login["auth"]["lease_duration"] = "long";
  EXPECT_EQ(lease_for(login, lease()).lifetime, seconds(0));
  login["auth"].erase("lease_duration");
  EXPECT_EQ(lease_for(login, lease()).lifetime, seconds(0));
}

TEST_F(VaultLease, without_a_lease_the_lifetime_is_unknown) {
  const Outcome outcome = lease_for(login_answer(), lease({{"lease_id", ""}, {"lease_duration", 0}}));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.lifetime, std::nullopt);
  EXPECT_EQ(outcome.auth.at(0).username, "v-robot");
}

class VaultDockerConfig : public Vault {
 protected:
  [[nodiscard]] json entry(const std::string &username) const {
    return {{"auth", base64_encode(username + ":" + password)}};
  }
  Outcome ask_with(const json &fields, const char *field = ".dockerconfigjson", const json &more = json::object(),
                   const std::string &image_name = own_image) {
    json own = settings({{"dockerConfigField", field}});
    own.update(more);
    return read(own, kv2_answer(fields), secret_url, image_name);
  }
};

TEST_F(VaultDockerConfig, is_read_as_text_as_object_and_without_its_outer_object) {
  const json auths = {{"harbor.example.com", entry("robot$ci")}, {"quay.example.com", entry("other")}};
  const json config = {{"auths", auths}};
  expect_harbors_answer(ask_with({{".dockerconfigjson", config.dump()}}), password);
  expect_harbors_answer(ask_with({{"config", config}}, "config"), password);
  expect_harbors_answer(ask_with({{"auths", auths}}, "auths"), password);
}

TEST_F(VaultDockerConfig, M2b_only_without_paths_is_it_for_the_whole_registry) {
  const json registry = {{"scope", "registry"}};
  json auths = {{"harbor.example.com", entry("all")}};
  EXPECT_EQ(ask_with({{"auths", auths}}, "auths", registry).scope, Scope::registry);
  EXPECT_EQ(ask_with({{"auths", auths}}, "auths").scope, Scope::image);
  auths["harbor.example.com/team"] = entry("team");
  const Outcome outcome = ask_with({{"auths", auths}}, "auths", registry);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.scope, Scope::image);
  EXPECT_EQ(outcome.auth.at(0).registry, "harbor.example.com/team");
  EXPECT_EQ(outcome.auth.at(0).username, "team");
  EXPECT_EQ(ask_with({{"auths", auths}}, "auths", registry, "harbor.example.com/other").scope, Scope::image);
}

TEST_F(VaultDockerConfig, L1_what_cannot_be_used_is_said) {
  for (const auto &[fields, code, word] : std::vector<std::tuple<json, Code, const char *>>{
           {json::object(), Code::bad_upstream, "holds no field \".dockerconfigjson\""},
           {{{".dockerconfigjson", 7}}, Code::bad_upstream, "holds no field"},
           {{{".dockerconfigjson", password}}, Code::bad_upstream, "holds no field"},
           {{{".dockerconfigjson", "{}"}}, Code::bad_upstream, "holds no object \"auths\""},
           {{{".dockerconfigjson", {{"auths", {{"harbor.example.com", {{"identitytoken", password}}}}}}}},
            Code::bad_upstream,
            "an identitytoken"},
           {{{".dockerconfigjson", {{"auths", {{"harbor.example.com", entry("a\nb")}}}}}},
            Code::bad_upstream,
            "\"username\" with a line end or another control character"},
           {{{".dockerconfigjson", {{"auths", {{"quay.example.com", entry("u")}}}}}},
            Code::no_credentials,
            "no entry for image \"harbor.example.com/team/app\""}}) {
    const Outcome outcome = ask_with(fields);
    EXPECT_THAT(outcome, StatusIs(code, AllOf(HasSubstr(word), HasSubstr("secret/data/registries/harbor"))));
    expect_no_leak(outcome, client_token);
  }
}

TEST_F(Vault, M2b_the_answer_is_for_the_registry_only_when_a_setting_says_so) {
  const Outcome outcome = read(settings({{"scope", "registry"}}), kv2_answer(user_and_password()));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.scope, Scope::registry);
}

TEST_F(Vault, passwords_of_people_may_hold_blanks_and_letters_of_any_language) {
  for (const char *text : {"pass word", "pässword", "{\"type\": \"service_account\"}"}) {
    const Outcome outcome = read(settings(), kv2_answer({{"username", "_json_key"}, {"password", text}}));
    ASSERT_THAT(outcome, IsOk()) << text;
    EXPECT_EQ(outcome.auth.at(0).password, text);
  }
  for (const char *text : {"a\nb", "a\tb", "a\xff"}) {
    json answer = kv2_answer({{"username", "u"}});
    std::string body = kv2_answer({{"username", "u"}, {"password", "MARK"}}).dump();
    const std::string escaped =
        std::string(text) == "a\xff" ? text : json(text).dump().substr(1, json(text).dump().size() - 2);
    body.replace(body.find("MARK"), 4, escaped);
    expect_login();
    expect_read().reply(200, body);
    expect_revocation();
    EXPECT_THAT(ask(settings(), image(own_image)), StatusIs(Code::bad_upstream, HasSubstr("Vault's answer")));
  }
}

}  // namespace
}  // namespace regcred::test
