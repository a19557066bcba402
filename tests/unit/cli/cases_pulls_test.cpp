// SPDX-License-Identifier: Apache-2.0
// What would fail a pull, or leave it without credentials, as `regcred check` sees it before a pod does.
#include "unit/cli/cases_fixture.hpp"

namespace regcred::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(Cases, S4_check_finds_what_a_pull_finds_in_secret_files) {
  static_cast<void>(write("open", "secret\n", 0644));
  static_cast<void>(write("empty", "\n"));
  static_cast<void>(write("lines", "a\nb\n"));
  std::filesystem::create_directory(path("folder"));
  const std::string missing = path("missing");
  const std::string table[] = {
      "{ username: u, passwordFile: " + missing + " }",
      "{ username: u, passwordFile: " + path("open") + " }",
      "{ username: u, passwordFile: " + path("empty") + " }",
      "{ username: u, passwordFile: " + path("lines") + " }",
      "{ username: u, passwordFile: " + path("folder") + " }",
      "{ username: u, passwordFile: relative/path }",
      "{ usernameFile: " + path("open") + ", passwordFile: " + path("password") + " }",
      "{ credentials: [{ registry: a.io, username: u, passwordFile: " + missing + " }] }",
      "{ username: u, passwordFile: " + missing + ", registries: [a.io] }",
  };
  for (const std::string &settings : table) {
    const std::string yaml = config(static_entry("a.io", settings));
    const ProcessOutput checked = check(yaml);
    EXPECT_EQ(checked.status, 3) << settings;
    EXPECT_THAT(checked.out, AllOf(HasSubstr("[secret-file]"), HasSubstr("found           1 error"))) << checked.out;
    // What the pull says, word for word up to its cure.
    const ProcessOutput pull = run({REGCRED_PROGRAM, "--config", path("config.yaml")}, {}, request("a.io/b"));
    const std::size_t from = pull.err.find("settings.");
    ASSERT_NE(from, std::string::npos) << pull.err;
    EXPECT_THAT(checked.out, HasSubstr(pull.err.substr(from, pull.err.find_first_of(";\n") - from)));
  }
  EXPECT_THAT(check(config(static_entry("a.io", "{ username: u, passwordFile: " + missing + " }"))).out,
              HasSubstr("config.yaml:7:44: error: settings.passwordFile: "));
}

TEST_F(Cases, check_and_doctor_find_programs_that_cannot_be_started_as_a_pull_does) {
  std::filesystem::create_directory(path("folder"));
  const std::string script = "#!/bin/sh\ncat >/dev/null; echo '{\"Username\":\"u\",\"Secret\":\"p\"}'\n";
  struct Case {
    std::string program;
    std::string words;  // what, and the cure
  };
  const Case table[] = {
      {write("no-x", script, 0644), "/no-x: it is not executable; chmod 755 " + path("no-x")},
      {path("folder"), "/folder: is a directory, not a regular file; put a regular file there"},
      {write("strange", "#!/usr/bin/no-such-python\n", 0755),
       "needs /usr/bin/no-such-python, which is not there; install it, or"},
      {write("windows", "#!/bin/sh\r\n", 0755), "; sed -i 's/\\r$//' " + path("windows")},
  };
  const auto entry = [](const std::string &program) {
    return config(
        "  - name: x\n    matchImages: [a.io]\n    backend: exec\n    serviceAccountToken: never\n"
        "    settings: { protocol: docker, program: " +
        program + " }\n");
  };
  for (const auto &[program, words] : table) {
    const ProcessOutput checked = check(entry(program));
    EXPECT_EQ(checked.status, 3) << program;
    EXPECT_THAT(checked.out, AllOf(HasSubstr("config.yaml:8:"), HasSubstr("settings.program: "), HasSubstr(words),
                                   HasSubstr("[program-file]"), HasSubstr("1 error")));
    const ProcessOutput pull = run({REGCRED_PROGRAM, "--config", path("config.yaml")}, {}, request("a.io/b"));
    EXPECT_THAT(pull.err, AllOf(HasSubstr("settings.program: "), HasSubstr(words)));
    const ProcessOutput doctor = run({REGCRED_PROGRAM, "--config", path("config.yaml"), "doctor", "a.io/b"});
    EXPECT_EQ(doctor.status, 3) << doctor.out;
    EXPECT_THAT(doctor.out, HasSubstr(words.substr(words.find("; ") + 2))) << doctor.out;
  }
  std::filesystem::permissions(path("no-x"), std::filesystem::perms(0755));
  EXPECT_THAT(check(entry(path("no-x"))).out, HasSubstr("found           nothing")) << "the command that was advised";
}

TEST_F(Cases, each_credential_of_a_list_is_looked_at) {
  const std::string list = "{ credentials: [{ registry: a.io, username: u, passwordFile: " + path("password") +
                           " }, { registry: a.io/team, username: u, passwordFile: " + path("none") +
                           " }, { registry: \"b.io:5000\", username: u, passwordFile: " + path("none") + " }] }";
  const ProcessOutput output = check(config(static_entry("a.io, \"*.io:5000\"", list)));
  EXPECT_THAT(output.out, AllOf(HasSubstr("settings.credentials[1].passwordFile"),
                                HasSubstr("settings.credentials[2].passwordFile"), HasSubstr("2 errors")));
  const ProcessOutput by_hand = check(config(static_entry("a.io", "{ username: u, passwordFile: password }")));
  EXPECT_EQ(by_hand.status, 0) << "the kubelet's unit may set it";
  EXPECT_THAT(by_hand.out, AllOf(HasSubstr("CREDENTIALS_DIRECTORY is not set"), HasSubstr("1 warning")));
  const ProcessOutput from_unit =
      run({REGCRED_PROGRAM, "--config",
           write("c.yaml", config(static_entry("a.io", "{ username: u, passwordFile: password }"))), "check"},
          {{"CREDENTIALS_DIRECTORY", directory_.path()}});
  EXPECT_EQ(from_unit.status, 0) << from_unit.out;
}

TEST_F(Cases, secret_fields_of_an_exchange_are_looked_at) {
  const auto entry = [&](const std::string &file) {
    return config(
        "  - name: x\n    matchImages: [a.io]\n    backend: oidc\n    audience: x\n    settings:\n"
        "      mode: tokenExchange\n      exchangeUrl: https://sts.a.io/token\n      registryHosts: [a.io]\n"
        "      username: u\n      secretFields: { client_secret: " +
        path(file) + " }\n");
  };
  EXPECT_THAT(check(entry("none")).out, HasSubstr("[secret-file]"));
  EXPECT_THAT(check(entry("password")).out, Not(HasSubstr("[secret-file]")));
}

TEST_F(Cases, credentials_that_can_never_match) {
  struct Case {
    std::string images;
    std::string registry;
    std::string found;
  };
  const Case table[] = {
      {"docker.io", "index.docker.io", "\"index.docker.io\" is what the kubelet calls docker.io; write docker.io"},
      {"docker.io/acme", "registry-1.docker.io", "what the kubelet calls docker.io"},
      {"\"registry.example.com:5000\"", "registry.example.com", "has another port"},
      {"registry.example.com", "\"registry.example.com:443\"", "has another port"},
      {"registry.example.com/team-a/", "registry.example.com/team-b", "no credential in settings"},
      {"\"*.example.com\"", "a.b.example.com", "no credential in settings"},
  };
  for (const auto &[images, registry, found] : table) {
    for (const std::string &settings :
         {"{ credentials: [{ registry: " + registry + ", username: u, passwordFile: " + path("password") + " }] }",
          "{ registries: [" + registry + "], username: u, passwordFile: " + path("password") + " }"}) {
      if (settings.starts_with("{ registries") && registry.find('/') != std::string::npos) continue;
      const ProcessOutput output = check(config(static_entry(images, settings)));
      EXPECT_EQ(output.status, 3) << settings;
      EXPECT_THAT(output.out,
                  AllOf(HasSubstr("[image-no-credential]"), HasSubstr("[credential-unused]"), HasSubstr(found)));
    }
  }
}

TEST_F(Cases, credentials_that_match_are_no_finding) {
  const std::pair<std::string, std::string> table[] = {
      {"docker.io", "docker.io"},
      {"docker.io/acme", "docker.io"},
      {"a.io", "a.io/team"},
      {"\"*.example.com\"", "a.example.com"},
      {"Registry.Example.com", "Registry.Example.com"},
  };
  for (const auto &[images, registry] : table) {
    const ProcessOutput output =
        check(config(static_entry(images, "{ credentials: [{ registry: " + registry +
                                              ", username: u, passwordFile: " + path("password") + " }] }")));
    EXPECT_THAT(output.out, AllOf(Not(HasSubstr("image-no-credential")), Not(HasSubstr("credential-unused"))))
        << registry;
  }
  const std::string mirror =
      "  - name: m\n    matchImages: [mirror.io]\n    backend: static\n    credentialHost: a.io\n"
      "    settings: { registries: [a.io], username: u, passwordFile: " +
      path("password") + " }\n";
  EXPECT_THAT(check(config(mirror)).out, HasSubstr("found           nothing"));
}

TEST_F(Cases, explain_says_when_the_entry_has_no_credential_for_the_image) {
  const std::string file = write("c.yaml", config(static_entry("a.io",
                                                               "{ credentials: [{ registry: a.io/team, username: u, "
                                                               "passwordFile: /x }] }")));
  const auto explained = [&](const std::string &image) {
    return run({REGCRED_PROGRAM, "--config", file, "explain", image}).out;
  };
  EXPECT_THAT(explained("a.io/team/app"),
              AllOf(HasSubstr("answered by  build"), Not(HasSubstr("without a credential"))));
  EXPECT_THAT(explained("a.io/teams/app"), HasSubstr("without a credential: none in its settings is for this image"));
  EXPECT_THAT(run({REGCRED_PROGRAM, "--config", file, "explain", "a.io/b", "-o", "json"}).out,
              HasSubstr("\"hasCredential\": false"));
}

}  // namespace
}  // namespace regcred::testing
