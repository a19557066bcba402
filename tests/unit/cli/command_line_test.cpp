// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "cli/identity.hpp"
#include "unit/config/fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

CommandLine parsed(const std::vector<std::string> &arguments, bool terminal = false) {
  const Result<CommandLine> line = parse_command_line(arguments, terminal);
  EXPECT_TRUE(line) << line.error().what;
  return line.value_or(CommandLine{});
}

// What a command writes that needs neither configuration nor network.
std::string shown(const std::vector<std::string> &arguments, bool terminal = false) {
  static const Environment environment;
  static SystemClock clock;
  const CommandLine line = parsed(arguments, terminal);
  return line.run ? line.run({"regcred", environment, clock}).text : "";
}

TEST(CommandLine, without_arguments_answers_the_kubelet) {
  EXPECT_EQ(parsed({}).command, "");
  EXPECT_TRUE(parsed({}).run);
  EXPECT_EQ(parsed({"--config", "/etc/x.yaml"}).options.config_path, "/etc/x.yaml");
  EXPECT_EQ(parsed({"--config", "/etc/x.yaml"}).command, "");
  EXPECT_TRUE(parsed({"--in-process"}).options.in_process);
  EXPECT_EQ(parsed({"--log-level", "debug"}).options.log_level, "debug");
}

TEST(CommandLine, a_providers_args_in_every_order_and_form) {
  for (const auto &arguments : {std::vector<std::string>{"--log-level=warn", "--config=/etc/x=y.yaml"},
                                std::vector<std::string>{"--config", "/etc/x=y.yaml", "--log-level", "warn"},
                                std::vector<std::string>{"--config", "/etc/x=y.yaml", "--log-level=warn"}}) {
    const CommandLine line = parsed(arguments);
    EXPECT_EQ(line.options.config_path, "/etc/x=y.yaml");
    EXPECT_EQ(line.options.log_level, "warn");
    EXPECT_FALSE(line.options.in_process);
    EXPECT_TRUE(line.answers_kubelet);
    EXPECT_EQ(line.command, "");
  }
  // What is wrong is said as for any command.
  for (const auto &arguments :
       {std::vector<std::string>{"--log-level", "loud"}, std::vector<std::string>{"--log-level=loud"},
        std::vector<std::string>{"--config"}, std::vector<std::string>{"--config=/x", "--log-level"},
        std::vector<std::string>{"--configs", "/x"}, std::vector<std::string>{"--config", "/x", "/y"}}) {
    const Result<CommandLine> line = parse_command_line(arguments, false);
    ASSERT_FALSE(line) << arguments.front();
    EXPECT_EQ(line.error().code, ErrorCode::usage);
    EXPECT_THAT(line.error().cure, HasSubstr("CredentialProviderConfig"));
  }
}

TEST(CommandLine, on_a_terminal_without_a_command_gives_a_short_help) {
  EXPECT_THAT(shown({}, true), HasSubstr("regcred explain IMAGE"));
  EXPECT_EQ(shown({"--config", "x"}, true), shown({}, true));
  EXPECT_EQ(parsed({"version"}, true).command, "version");
}

TEST(CommandLine, sub_commands_take_the_common_options_on_either_side) {
  EXPECT_EQ(parsed({"explain", "nginx", "-o", "json"}).command, "explain");
  EXPECT_EQ(parsed({"explain", "nginx", "-o", "text"}).command, "explain");
  for (const auto &arguments :
       {std::vector<std::string>{"--config", "x", "backends"}, std::vector<std::string>{"backends", "--config", "x"},
        std::vector<std::string>{"generate", "schema", "--config", "x"}}) {
    EXPECT_EQ(parsed(arguments).options.config_path, "x") << arguments.front();
  }
  EXPECT_THAT(shown({"version", "--json"}), HasSubstr("backendAbi"));
  EXPECT_THAT(shown({"version"}), StartsWith("regcred "));
  EXPECT_EQ(shown({"--version"}), shown({"version"}));
  EXPECT_THAT(shown({"--help"}), HasSubstr("--config"));
  EXPECT_THAT(shown({"explain", "--help"}), HasSubstr("IMAGE"));
  EXPECT_THAT(shown({"generate", "rbac", "--help"}), HasSubstr("Usage: regcred generate rbac"));
  EXPECT_THAT(shown({"generate", "rbac", "--help"}), HasSubstr("--namespace"));
}

TEST(CommandLine, commands_of_operators) {
  const std::vector<std::vector<std::string>> table = {
      {"get", "nginx", "--token-file", "t", "--annotation", "a=1", "--annotation", "b=2"},
      {"get", "nginx", "-o", "docker-config", "--show-secrets"},
      {"doctor", "nginx", "--service-account", "ns/name"},
      {"check", "--kubelet-config", "k", "--kubernetes-version", "1.34", "--strict"},
      {"new-backend", "acme"},
      {"new-backend", "acme", "some/where"},
      {"install-links", "/bin/dir"},
      {"completion", "zsh"}};
  EXPECT_EQ(parsed({"cache", "list", "-o", "json"}).command, "cache list");
  EXPECT_EQ(parsed({"cache", "clear", "--entry", "a", "--throttle"}).command, "cache clear");
  for (const auto &arguments : table) EXPECT_EQ(parsed(arguments).command, arguments.front());
  const std::vector<std::vector<std::string>> generated = {
      {"generate", "kubelet-config", "--kubernetes-version", "1.33"},
      {"generate", "rbac", "--namespace", "n"},
      {"generate", "service-account", "s"},
      {"generate", "schema"},
      {"generate", "oidc-discovery", "--issuer", "i", "--jwks", "j", "--discovery", "d", "--out", "o"}};
  for (const auto &arguments : generated) EXPECT_EQ(parsed(arguments).command, "generate " + arguments.at(1));
}

TEST(CommandLine, who_asks) {
  IdentityOptions identity;
  CLI::App app;
  ArgumentParser parser(app);
  add_identity_options(parser, identity);
  app.parse("--token-file t --annotation a=1 --annotation b=2");
  EXPECT_EQ(identity.token_file, "t");
  EXPECT_THAT(identity.annotations, ::testing::ElementsAre("a=1", "b=2"));
  app.parse("--service-account ns/name");
  EXPECT_EQ(identity.service_account, "ns/name");
}

TEST(Completions, what_can_stand_in_place_of_the_last_word) {
  EXPECT_THAT(shown({"__complete", ""}), AllOf(HasSubstr("\nexplain\tShow which"), Not(HasSubstr("rbac"))));
  EXPECT_THAT(shown({"__complete"}), HasSubstr("get\t"));
  EXPECT_THAT(shown({"__complete", "generate", ""}), AllOf(HasSubstr("rbac\t"), Not(HasSubstr("explain"))));
  EXPECT_THAT(shown({"__complete", "generate", "rbac", "-"}),
              AllOf(HasSubstr("--namespace\t"), HasSubstr("--config\t")));
  EXPECT_EQ(shown({"__complete", "completion", ""}), "bash\t\nzsh\t\nfish\t\n");
  for (const auto &words : {std::vector<std::string>{"-o", ""}, {"-o", "j"}, {"--output", "=", ""}, {"--output=j"}}) {
    std::vector<std::string> arguments = {"__complete", "explain", "x"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    EXPECT_EQ(shown(arguments), "text\t\njson\t\n") << words.front();
  }
  EXPECT_EQ(shown({"__complete", "--config", "ge"}), ":file\n");
  EXPECT_EQ(shown({"__complete", "audit", ""}), ":file\n");
  EXPECT_EQ(shown({"__complete", "install-links", ""}), ":directory\n");
  EXPECT_THAT(shown({"__complete", "--config", "generate", ""}), HasSubstr("explain\t"));
  EXPECT_EQ(shown({"__complete", "new-backend", "--nope=", "--in-process", "--config=x", "-o", "--config="}),
            ":file\n");
}

TEST(CommandLine, wrong_use_is_a_usage_error) {
  const std::vector<std::vector<std::string>> wrong = {{"explain"},
                                                       {"explian", "nginx"},
                                                       {"frobnicate"},
                                                       {"--config"},
                                                       {"--log-level", "loud"},
                                                       {"explain", "x", "-o", "yaml"},
                                                       {"--nope"},
                                                       {"explain", "a", "b"},
                                                       {"new-backend"},
                                                       {"new-backend", "a", "b", "c"},
                                                       {"version", "explain", "x"},
                                                       {"get"},
                                                       {"get", "x", "-o", "yaml"},
                                                       {"get", "x", "--token-file", "t", "--service-account", "n/s"},
                                                       {"generate"},
                                                       {"generate", "pods"},
                                                       {"generate", "service-account"},
                                                       {"generate", "oidc-discovery", "--issuer", "i"},
                                                       {"install-links"},
                                                       {"cache"},
                                                       {"cache", "clear", "--all", "--entry", "a"},
                                                       {"completion", "powershell"}};
  for (const auto &arguments : wrong) {
    const Result<CommandLine> command = parse_command_line(arguments, false);
    ASSERT_FALSE(command) << arguments.front();
    EXPECT_EQ(command.error().code, ErrorCode::usage);
    EXPECT_THAT(command.error().cure, AnyOf(HasSubstr("--help"), "did you mean explain?"));
  }
}

}  // namespace
}  // namespace regcred::core
