// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/registry_steps.hpp"

#include <regcred/testing/fake_request.hpp>

#include "cli/doctor/pull_rights.hpp"
#include "scripted_network.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char *ping = "https://reg.example.com/v2/";
constexpr const char *realm = "https://reg.example.com/token?service=s&scope=repository%3Ateam%2Fapp%3Apull";
constexpr const char *manifest = "https://reg.example.com/v2/team/app/manifests/1.2";

class RegistrySteps : public ::testing::Test {
 protected:
  RegistrySteps() {
    challenge(R"(Bearer realm="https://reg.example.com/token",service="s")");
    network_.answers[std::string(ping) + " Bearer"] = {.status = 200};
    network_.answers[std::string(realm) + " Basic"] = {.status = 200, .body = R"({"token":"canary-bearer"})"};
    network_.answers[std::string(manifest) + " Bearer"] = sound_manifest();
  }
  static Fetched sound_manifest() { return {.status = 200, .body = R"({"schemaVersion":2})"}; }
  void challenge(const std::string &value, int status = 401) {
    network_.answers[ping] = {.status = status, .headers = {{"www-authenticate", value}}};
  }
  void answer(const std::string &url, const char *scheme, Fetched fetched) {
    network_.answers[url + " " + scheme] = std::move(fetched);
  }
  DoctorReport examine(const RegistryTarget &target = {"reg.example.com", "team/app", "1.2", true},
                       const CredentialOrigin &origin = {}) {
    network_.sent.clear();
    announced_.clear();
    DoctorReport report;
    examine_registry(
        target, auth_, network_,
        [this](const std::string &text) {
          // Before the password goes anywhere.
          for (const auto &request : network_.sent) EXPECT_EQ(request.authorization, "");
          announced_.push_back(text);
        },
        report, origin);
    EXPECT_THAT(report.as_text("", {}), Not(HasSubstr("canary")));
    return report;
  }
  void expect_failure(const DoctorReport &report, const char *step, const char *what, const char *cure) {
    EXPECT_STREQ(state_of(report, step), "failed") << what;
    EXPECT_THAT(step_in(report, step).what, HasSubstr(what));
    EXPECT_THAT(step_in(report, step).cure, HasSubstr(cure));
    EXPECT_EQ(report.steps().size(), registry_steps.size());
  }

  AuthEntry auth_{"reg.example.com", "user", Secret("canary-password")};
  ScriptedNetwork network_;
  std::vector<std::string> announced_;
};

TEST_F(RegistrySteps, the_token_flow_as_a_runtime_does_it) {
  const DoctorReport report = examine();
  EXPECT_FALSE(report.error()) << report.as_text("", {});
  ASSERT_EQ(network_.sent.size(), 4U);
  EXPECT_EQ(network_.sent[0].authorization, "");
  EXPECT_EQ(network_.sent[1].url, realm);
  EXPECT_EQ(network_.sent[1].authorization, "Basic dXNlcjpjYW5hcnktcGFzc3dvcmQ=");
  EXPECT_EQ(network_.sent[2].authorization, "Bearer canary-bearer");
  EXPECT_EQ(network_.sent[3].url, manifest);
  EXPECT_EQ(network_.sent[3].authorization, "Bearer canary-bearer");
  EXPECT_THAT(announced_, IsEmpty());
}

TEST_F(RegistrySteps, a_realm_on_another_host_is_named_before_the_password_goes_there) {
  challenge(R"(Bearer realm="https://auth.example.com/t")");
  answer("https://auth.example.com/t?scope=repository%3Ateam%2Fapp%3Apull", "Basic",
         {.status = 200, .body = R"({"access_token":"canary-bearer"})"});
  const DoctorReport report = examine();
  EXPECT_FALSE(report.error());
  EXPECT_THAT(announced_,
              ElementsAre("registry reg.example.com lets auth.example.com check the password; it is sent there"));
  EXPECT_THAT(step_in(report, "registry-challenge").details,
              ElementsAre(HasSubstr("goes to another host, auth.example.com")));
}

TEST_F(RegistrySteps, H1_a_realm_without_https_gets_nothing) {
  for (const char *hostile : {R"(Bearer realm="http://reg.example.com/token")", R"(Bearer realm="https://u:p@evil/")",
                              R"(Bearer realm="")", "Bearer", "Bearer realm=\"\x1b[31m\""}) {
    challenge(hostile);
    const DoctorReport report = examine();
    expect_failure(report, "registry-challenge", "which is not an https address", "nothing was sent there");
    EXPECT_EQ(network_.sent.size(), 1U) << hostile;
    EXPECT_THAT(report.as_text("", {}), Not(HasSubstr("\x1b")));
  }
}

TEST_F(RegistrySteps, basic_credentials_go_to_the_registry_itself) {
  challenge(R"(Basic realm="x")");
  answer(ping, "Basic", {.status = 200});
  answer(manifest, "Basic", sound_manifest());
  EXPECT_FALSE(examine().error());
  EXPECT_EQ(network_.sent.size(), 3U);
}

TEST_F(RegistrySteps, what_is_no_registry_is_told_and_gets_no_password) {
  const std::pair<Fetched, const char *> cases[] = {
      {{.status = 404}, "answered /v2/ with HTTP 404"},
      {{.status = 302, .headers = {{"location", "https://evil.example.com"}}}, "answered /v2/ with HTTP 302"},
      {{.status = 401}, "no challenge that is known"},
      {{.status = 401, .headers = {{"www-authenticate", "Negotiate"}}}, "no challenge that is known"},
      {{.status = 403, .headers = {{"www-authenticate", "Basic realm=x"}}}, "answered /v2/ with HTTP 403"},
  };
  for (const auto &[fetched, what] : cases) {
    network_.answers[ping] = fetched;
    expect_failure(examine(), "registry-challenge", what, "see that the image's host is a registry");
    EXPECT_EQ(network_.sent.size(), 1U);
  }
  network_.answers.erase(ping);
  expect_failure(examine(), "registry-challenge", "no connection to it", "check the firewall");
}

TEST_F(RegistrySteps, a_web_page_is_not_a_registry_at_any_step) {
  const Fetched pages[] = {
      {.status = 200, .headers = {{"content-type", "text/html"}}, .body = "<!DOCTYPE html><html></html>"},
      {.status = 200, .body = "It works!"},
      {.status = 200, .body = "[1]"},
  };
  for (const Fetched &page : pages) {
    const auto [first, login, pull] =
        std::tuple(network_.answers[ping], network_.answers[std::string(ping) + " Bearer"],
                   network_.answers[std::string(manifest) + " Bearer"]);
    answer(manifest, "Bearer", page);
    expect_failure(examine(), "registry-pull", "no manifest: it is not a registry", "the image's host");
    answer(ping, "Bearer", page);
    expect_failure(examine(), "registry-login", "it is not a registry", "the image's host");
    network_.answers[ping] = page;
    expect_failure(examine(), "registry-challenge", "it is not a registry", "the image's host");
    EXPECT_EQ(network_.sent.size(), 1U) << "nothing secret is sent to it";
    network_.answers[ping] = first;
    answer(ping, "Bearer", login);
    answer(manifest, "Bearer", pull);
  }
  for (const char *json : {"{}", R"({"error":"not found"})", ""}) {
    answer(manifest, "Bearer", {.status = 200, .body = json});
    expect_failure(examine(), "registry-pull", "no manifest", "");
  }
}

TEST_F(RegistrySteps, a_refused_credential_names_where_it_came_from) {
  answer(realm, "Basic", {.status = 401});
  using Kind = CredentialOrigin::Kind;
  const RegistryTarget target{"reg.example.com", "team/app", "1.2", true};
  const auto cure = [&](const CredentialOrigin &origin) {
    return step_in(examine(target, origin), "registry-login").cure;
  };
  EXPECT_THAT(cure({}), HasSubstr("the exchange gave"));
  EXPECT_EQ(
      cure({Kind::files, {"/etc/a.user", "/etc/a.password"}}),
      "the registry does not know the username \"user\" with the password in /etc/a.user, /etc/a.password: correct "
      "the file, or the username");
  EXPECT_THAT(cure({Kind::pod_token, {}}), HasSubstr("must trust the token's issuer"));
}

TEST(PullRight, each_cloud_has_a_name_for_it) {
  const std::pair<const char *, const char *> table[] = {
      {"123456789012.dkr.ecr.eu-central-1.amazonaws.com", "ecr:BatchGetImage"},
      {"123456789012.dkr.ecr-fips.us-gov-east-1.amazonaws.com", "ecr:BatchGetImage"},
      {"europe-docker.pkg.dev", "roles/artifactregistry.reader"},
      {"eu.gcr.io", "roles/artifactregistry.reader"},
      {"gcr.io:443", "roles/artifactregistry.reader"},
      {"acmeprod.azurecr.io", "AcrPull"},
      {"acmeprod.azurecr.cn", "AcrPull"},
  };
  for (const auto &[host, words] : table) EXPECT_THAT(std::string(pull_right(host)), HasSubstr(words)) << host;
  for (const char *host : {"reg.example.com", "evilgcr.io", "pkg.dev", "azurecr.io.example.com", ""}) {
    EXPECT_EQ(pull_right(host), "") << host;
  }
}

TEST_F(RegistrySteps, what_may_be_missing_at_a_cloud_is_named) {
  network_.answers.clear();
  network_.answers["https://acmeprod.azurecr.io/v2/"] = {.status = 401,
                                                         .headers = {{"www-authenticate", R"(Basic realm="x")"}}};
  network_.answers["https://acmeprod.azurecr.io/v2/ Basic"] = {.status = 200};
  network_.answers["https://acmeprod.azurecr.io/v2/team/app/manifests/1.2 Basic"] = {.status = 403};
  const RegistryTarget target{"acmeprod.azurecr.io", "team/app", "1.2", true};
  expect_failure(examine(target), "registry-pull", "may not read it, HTTP 403", "AcrPull");
  network_.answers["https://acmeprod.azurecr.io/v2/ Basic"] = {.status = 401};
  expect_failure(examine(target), "registry-login", "refuses the credential", "AcrPull");
}

TEST_F(RegistrySteps, a_realm_that_refuses_or_gives_no_token) {
  const std::pair<Fetched, const char *> cases[] = {
      {{.status = 401, .body = R"({"errors":[{"code":"UNAUTHORIZED","message":"canary"}]})"},
       "refuses the credential: HTTP 401 UNAUTHORIZED"},
      {{.status = 403, .body = R"({"errors":[{"code":"canary text"}]})"}, "refuses the credential: HTTP 403"},
      {{.status = 307, .headers = {{"location", "https://evil.example.com"}}}, "answered the login with HTTP 307"},
      {{.status = 500}, "answered the login with HTTP 500"},
      {{.status = 200, .body = "{}"}, "answered without a token"},
      {{.status = 200, .body = "canary"}, "answered without a token"},
      {{.status = 200, .body = R"({"token":"canary\r\nX: y"})"}, "answered without a token"},
  };
  for (const auto &[fetched, what] : cases) {
    answer(realm, "Basic", fetched);
    const DoctorReport report = examine();
    expect_failure(report, "registry-login", what, "");
    EXPECT_STREQ(state_of(report, "registry-pull"), "skipped");
    EXPECT_EQ(network_.sent.size(), 2U);
  }
}

TEST_F(RegistrySteps, what_the_token_grants_is_shown) {
  const std::string token =
      base64url_encode("{}") + "." +
      base64url_encode(R"({"access":[{"name":"team/app","actions":["pull"]},7,{"name":"x","actions":[]}]})") + ".c2ln";
  answer(realm, "Basic", {.status = 200, .body = nlohmann::json{{"token", token}}.dump()});
  EXPECT_THAT(step_in(examine(), "registry-login").details,
              ElementsAre("the token grants on \"team/app\": pull", "the token grants on \"x\": nothing"));
}

TEST_F(RegistrySteps, the_manifest_decides_about_the_pull) {
  struct Case {
    int status;
    bool reference_given;
    const char *state;
    const char *what;
  };
  const Case cases[] = {
      {200, true, "passed", "may be read"},      {401, true, "failed", "may not read it, HTTP 401"},
      {403, false, "failed", "may not read it"}, {404, true, "failed", "is not there"},
      {404, false, "passed", "is not there"},    {503, true, "failed", "HTTP 503"},
  };
  for (const Case &row : cases) {
    answer(manifest, "Bearer", row.status == 200 ? sound_manifest() : Fetched{.status = row.status});
    const DoctorReport report = examine({"reg.example.com", "team/app", "1.2", row.reference_given});
    EXPECT_STREQ(state_of(report, "registry-pull"), row.state) << row.status;
    EXPECT_THAT(step_in(report, "registry-pull").what, HasSubstr(row.what));
  }
}

TEST_F(RegistrySteps, a_registry_that_asks_nobody_gets_no_password) {
  network_.answers[ping] = {.status = 200};
  network_.answers[manifest] = sound_manifest();
  const DoctorReport report = examine();
  EXPECT_FALSE(report.error());
  EXPECT_STREQ(state_of(report, "registry-login"), "skipped");
  for (const auto &request : network_.sent) EXPECT_EQ(request.authorization, "");
}

TEST(RegistryTarget, what_a_person_typed_in_terms_of_the_api) {
  struct Case {
    const char *typed;
    const char *normalised;
    const char *seen;
  };
  const Case cases[] = {
      {"nginx", "docker.io/library/nginx", "registry-1.docker.io library/nginx (latest)"},
      {"nginx:1.27", "docker.io/library/nginx", "registry-1.docker.io library/nginx 1.27"},
      {"localhost:5000/app", "localhost:5000/app", "localhost:5000 app (latest)"},
      {"localhost:5000/a/b:x", "localhost:5000/a/b", "localhost:5000 a/b x"},
      {"reg.io/a@sha256:00", "reg.io/a", "reg.io a sha256:00"},
      {"reg.io/a:tag@sha256:00", "reg.io/a", "reg.io a sha256:00"},
      {"reg.io:5000", "reg.io:5000", "reg.io:5000  (latest)"},
  };
  for (const Case &row : cases) {
    const RegistryTarget target = registry_target(row.typed, row.normalised);
    const std::string reference = target.reference_given ? target.reference : "(" + target.reference + ")";
    EXPECT_EQ(target.host + " " + target.repository + " " + reference, row.seen) << row.typed;
  }
}

TEST(AuthFor, the_most_specific_credential_counts) {
  Answer answer;
  EXPECT_EQ(auth_for(answer), nullptr);
  answer.auth.push_back({"reg.io", "a", Secret("x")});
  answer.auth.push_back({"reg.io/team", "b", Secret("x")});
  EXPECT_EQ(auth_for(answer)->username, "b");
}

}  // namespace
}  // namespace regcred::core
