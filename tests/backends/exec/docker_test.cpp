// SPDX-License-Identifier: Apache-2.0
#include "backends/exec/fixture.hpp"

namespace regcred::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ExecDocker : public Exec {
 protected:
  // The log at level info and above.
  [[nodiscard]] std::string lines() const {
    std::string text;
    for (const FakeHost::LogLine &line : host.log()) {
      if (line.level >= LogLevel::info) text += line.text + "\n";
    }
    return text;
  }
  [[nodiscard]] std::string credential() const {
    return nlohmann::json{{"ServerURL", "x"}, {"Username", "AWS"}, {"Secret", password}, {"More", 1}}.dump() + "\n";
  }
};

TEST_F(ExecDocker, L1_asks_with_the_registry_and_get_alone_and_never_with_the_token) {
  host.expect_program(helper)
      .with_arguments({"get"})
      .with_environment({})
      .with_input("registry.example.com")
      .prints(credential());
  const Outcome outcome = ask(docker(), app());
  EXPECT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, "registry.example.com");
  EXPECT_EQ(outcome.auth[0].username, "AWS");
  EXPECT_EQ(outcome.auth[0].password, password);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::nullopt);
  expect_no_leak(outcome);
}

TEST_F(ExecDocker, is_asked_for_docker_hub_as_docker_asks) {
  host.expect_program(helper).with_input("https://index.docker.io/v1/").prints(credential());
  EXPECT_THAT(ask(docker(), app("docker.io/library/nginx")), IsOk());
}

TEST_F(ExecDocker, settings_reach_the_program) {
  nlohmann::json settings = docker();
  settings.update({{"args", {"--profile", "x", "get"}},
                   {"env", {{"AWS_ECR_DISABLE_CACHE", "1"}}},
                   {"home", "/var/lib/regcred"},
                   {"serverUrl", "https://other.example.com"},
                   {"sha256", std::string(64, 'a')},
                   {"timeoutSeconds", 7}});
  host.expect_program(helper)
      .with_arguments({"--profile", "x", "get"})
      .with_environment({{"AWS_ECR_DISABLE_CACHE", "1"}, {"HOME", "/var/lib/regcred"}})
      .with_input("https://other.example.com")
      .prints(credential());
  EXPECT_THAT(ask(settings, app()), IsOk());
  EXPECT_EQ(host.programs().at(0).sha256, std::string(64, 'a'));
  EXPECT_EQ(host.programs().at(0).timeout, std::chrono::seconds(7));
}

TEST_F(ExecDocker, an_empty_list_of_arguments_is_no_argument) {
  nlohmann::json settings = docker();
  settings["args"] = nlohmann::json::array();
  host.expect_program(helper).with_arguments({}).prints(credential());
  EXPECT_THAT(ask(settings, app()), IsOk());
  EXPECT_THAT(lines(), HasSubstr("args has no `get`, which docker helpers need"));
}

TEST_F(ExecDocker, what_surprises_is_noted_and_nothing_else) {
  host.expect_program(helper).prints(credential());
  EXPECT_THAT(ask(docker(), FakeRequest("registry.example.com/app")), IsOk());
  EXPECT_EQ(lines(), "");
  host.expect_program(helper).prints(credential());
  EXPECT_THAT(ask(docker(), app()), IsOk());
  EXPECT_THAT(lines(), HasSubstr("write serviceAccountToken: never in the entry"));
}

TEST_F(ExecDocker, L1_every_other_end_has_its_code_and_quotes_nothing) {
  struct Row {
    std::string output;
    int status;
    Code code;
    const char *words;
  };
  const std::vector<Row> rows = {
      {"credentials not found in native keychain\n", 1, Code::no_credentials, "has no credential for"},
      {"no credentials server URL", 1, Code::bad_config, "settings.serverUrl"},
      {"no credentials username", 1, Code::bad_config, "settings.serverUrl"},
      {"PASSWORD", 1, Code::unavailable, "failed with exit status 1"},
      {"", 127, Code::unavailable, "failed with exit status 127"},
      {"", 0, Code::bad_upstream, "not a JSON object"},
      {"PASSWORD", 0, Code::bad_upstream, "not a JSON object"},
      {R"({"Username":"<token>","Secret":"PASSWORD"})", 0, Code::bad_upstream, "an identity token"},
      {R"({"Username":"","Secret":"PASSWORD"})", 0, Code::bad_upstream, "an empty username or password"},
      {R"({"Username":"x","Secret":""})", 0, Code::bad_upstream, "an empty username or password"},
      {R"({"Username":"a:b","Secret":"PASSWORD"})", 0, Code::bad_upstream, "a ':' in the username"},
      {R"({"Username":"x","Secret":["PASSWORD"]})", 0, Code::bad_upstream, "an empty username or password"},
      {R"({"Username":"x","Secret":"PASSWORD")", 0, Code::bad_upstream, "not a JSON object"},
  };
  for (const Row &row : rows) {
    std::string output = row.output;
    if (const std::size_t at = output.find("PASSWORD"); at != std::string::npos) output.replace(at, 8, password);
    host.expect_program(helper).prints(output, row.status);
    const Outcome outcome = ask(docker(), app());
    EXPECT_THAT(outcome, StatusIs(row.code, HasSubstr(row.words))) << row.output;
    expect_no_leak(outcome);
  }
  host.expect_program(helper).dies(11);
  EXPECT_THAT(ask(docker(), app()), StatusIs(Code::unavailable, HasSubstr("was ended by signal 11")));
}

TEST_F(ExecDocker, what_the_host_says_is_handed_on) {
  host.expect_program(helper).fail(Code::timeout, "it was killed");
  EXPECT_THAT(ask(docker(), app()), StatusIs(Code::timeout, HasSubstr("it was killed")));
  host.expect_program(helper).fail(Code::bad_config, "no such file");
  EXPECT_THAT(ask(docker(), app()), StatusIs(Code::bad_config, HasSubstr("settings.program: no such file")));
  host.withhold(REGCRED_SERVICE_PROCESS);
  EXPECT_THAT(ask(docker(), app()), StatusIs(Code::internal, HasSubstr("regcred.process/1")));
}

TEST_F(ExecDocker, settings_are_accepted_or_named) {
  const std::vector<Setting> rows = {
      {docker(), nullptr},
      {kubelet(), nullptr},
      {{{"program", helper}}, "settings.protocol"},
      {{{"protocol", "ssh"}, {"program", helper}}, "settings.protocol"},
      {{{"protocol", "docker"}}, "settings.program"},
      {{{"protocol", "docker"}, {"program", "docker-credential-x"}}, "settings.program"},
      {{{"protocol", "docker"}, {"program", helper}, {"sha256", "ABC"}}, "settings.sha256"},
      {{{"protocol", "docker"}, {"program", helper}, {"sha256", ""}}, "settings.sha256"},
      {{{"protocol", "docker"}, {"program", helper}, {"args", "get"}}, "settings.args"},
      {{{"protocol", "docker"}, {"program", helper}, {"args", std::vector<std::string>(65, "x")}}, "settings.args"},
      {{{"protocol", "docker"}, {"program", helper}, {"env", {{"A=B", "x"}}}}, "settings.env"},
      {{{"protocol", "docker"}, {"program", helper}, {"env", {{"A", 1}}}}, "settings.env"},
      {{{"protocol", "docker"}, {"program", helper}, {"home", "root"}}, "settings.home"},
      {{{"protocol", "docker"}, {"program", helper}, {"home", "/root"}, {"env", {{"HOME", "/"}}}},
       "settings.home",
       true},
      {{{"protocol", "docker"}, {"program", helper}, {"serverUrl", "a b"}}, "settings.serverUrl"},
      {{{"protocol", "kubelet"}, {"program", helper}, {"serverUrl", "a"}}, "settings.serverUrl"},
      {{{"protocol", "docker"}, {"program", helper}, {"apiVersion", "v1"}}, "settings.apiVersion"},
      {{{"protocol", "kubelet"}, {"program", helper}, {"apiVersion", "v2"}}, "settings.apiVersion"},
      {{{"protocol", "docker"}, {"program", helper}, {"timeoutSeconds", 0}}, "settings.timeoutSeconds"},
      {{{"protocol", "docker"}, {"program", helper}, {"timeoutSeconds", 56}}, "settings.timeoutSeconds"},
      {{{"protocol", "docker"}, {"program", helper}, {"shell", true}}, "settings.shell"},
  };
  expect_settings(rows);
  expect_schema_names_all(docker());
}

}  // namespace
}  // namespace regcred::test
