#include "cli/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regcred::core {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

Command parsed(const std::vector<std::string> &arguments, bool terminal = false) {
  const Result<Command> command = parse_command_line(arguments, terminal);
  EXPECT_TRUE(command) << command.error().what;
  return command.value_or(Command{});
}

TEST(CommandLine, without_arguments_answers_the_kubelet) {
  EXPECT_EQ(parsed({}).action, Action::answer);
  EXPECT_EQ(parsed({"--config", "/etc/x.yaml"}).config_path, "/etc/x.yaml");
  EXPECT_TRUE(parsed({"--in-process"}).in_process);
  EXPECT_EQ(parsed({"--log-level", "debug"}).log_level, "debug");
}

TEST(CommandLine, on_a_terminal_without_arguments_gives_a_short_help) {
  const Command command = parsed({}, true);
  EXPECT_EQ(command.action, Action::help);
  EXPECT_THAT(command.help_text, HasSubstr("regcred explain IMAGE"));
  EXPECT_EQ(parsed({"version"}, true).action, Action::version);
}

TEST(CommandLine, sub_commands_take_the_common_options_on_either_side) {
  EXPECT_EQ(parsed({"explain", "nginx"}).image, "nginx");
  EXPECT_TRUE(parsed({"explain", "nginx", "-o", "json"}).json);
  EXPECT_FALSE(parsed({"explain", "nginx", "-o", "text"}).json);
  EXPECT_EQ(parsed({"--config", "x", "backends"}).config_path, "x");
  EXPECT_EQ(parsed({"backends", "--config", "x"}).config_path, "x");
  EXPECT_TRUE(parsed({"version", "--json"}).json);
  EXPECT_EQ(parsed({"new-backend", "acme"}).action, Action::new_backend);
  EXPECT_EQ(parsed({"new-backend", "acme"}).project_directory, std::nullopt);
  EXPECT_EQ(parsed({"new-backend", "acme", "some/where"}).project_directory, "some/where");
  EXPECT_EQ(parsed({"--version"}).action, Action::version);
  EXPECT_THAT(parsed({"--help"}).help_text, HasSubstr("--config"));
  EXPECT_THAT(parsed({"explain", "--help"}).help_text, HasSubstr("IMAGE"));
  EXPECT_THAT(parsed({"generate", "rbac", "--help"}).help_text, HasSubstr("--namespace"));
}

TEST(CommandLine, commands_of_operators) {
  const Command get = parsed({"get", "nginx", "--token-file", "t", "--annotation", "a=1", "--annotation", "b=2"});
  EXPECT_EQ(get.action, Action::get);
  EXPECT_EQ(get.image, "nginx");
  EXPECT_EQ(get.identity.token_file, "t");
  EXPECT_THAT(get.identity.annotations, ::testing::ElementsAre("a=1", "b=2"));
  EXPECT_EQ(get.format, "table");
  EXPECT_FALSE(get.show_secrets);
  EXPECT_EQ(parsed({"get", "nginx", "-o", "docker-config", "--show-secrets"}).format, "docker-config");
  EXPECT_EQ(parsed({"doctor", "nginx", "--service-account", "ns/name"}).identity.service_account, "ns/name");

  const Command check = parsed({"check", "--kubelet-config", "k", "--kubernetes-version", "1.34", "--strict"});
  EXPECT_EQ(check.action, Action::check);
  EXPECT_EQ(check.kubelet.config_path, "k");
  EXPECT_EQ(check.kubelet.version, "1.34");
  EXPECT_TRUE(check.strict);

  EXPECT_EQ(parsed({"generate", "kubelet-config", "--kubernetes-version", "1.33"}).kubelet.version, "1.33");
  EXPECT_EQ(parsed({"generate", "rbac", "--namespace", "n"}).generate.name_space, "n");
  EXPECT_EQ(parsed({"generate", "service-account", "s"}).generate.what, Generated::service_account);
  EXPECT_EQ(parsed({"generate", "schema", "--config", "x"}).config_path, "x");
  const Command discovery =
      parsed({"generate", "oidc-discovery", "--issuer", "i", "--jwks", "j", "--discovery", "d", "--out", "o"});
  EXPECT_EQ(discovery.action, Action::generate);
  EXPECT_EQ(discovery.generate.what, Generated::oidc_discovery);
  EXPECT_EQ(discovery.generate.out_directory, "o");

  EXPECT_EQ(parsed({"install-links", "/bin/dir"}).links_directory, "/bin/dir");
  EXPECT_EQ(parsed({"completion", "zsh"}).shell, "zsh");
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
                                                       {"completion", "powershell"}};
  for (const auto &arguments : wrong) {
    const Result<Command> command = parse_command_line(arguments, false);
    ASSERT_FALSE(command) << arguments.front();
    EXPECT_EQ(command.error().code, ErrorCode::usage);
    EXPECT_THAT(command.error().cure, AnyOf(HasSubstr("--help"), "did you mean explain?"));
  }
}

}  // namespace
}  // namespace regcred::core
