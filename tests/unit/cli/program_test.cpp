// SPDX-License-Identifier: Apache-2.0
// The program as an operator runs it: what is printed where, and the exit status.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/process.hpp"

namespace regcred::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char *two_registries = R"(apiVersion: regcred/v1
kind: RegistryConfig
registries:
  - name: cloudsmith
    matchImages: ["docker.cloudsmith.io", "*.cloudsmith.com"]
    backend: cloudsmith
    settings: { orgSlug: acme }
  - name: static
    matchImages: ["registry.example.com/team"]
    backend: static
    settings: { username: robot, passwordFile: /nowhere/password }
)";

class Program : public ::testing::Test {
 protected:
  ProcessOutput run(std::vector<std::string> arguments, const std::string &input = "") {
    arguments.insert(arguments.begin(), REGCRED_PROGRAM);
    return run_process({std::move(arguments), input, {}});
  }
  ProcessOutput with_config(std::vector<std::string> arguments, const std::string &input = "") {
    arguments.insert(arguments.end(), {"--config", directory_.write("config.yaml", two_registries)});
    return run(std::move(arguments), input);
  }
  static std::string request(const std::string &image) {
    return R"({"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":")" +
           image + "\"}\n";
  }

  TemporaryDirectory directory_;
};

TEST_F(Program, version_for_people_and_for_programs) {
  EXPECT_THAT(run({"version"}).out, StartsWith("regcred 0."));
  const auto json = nlohmann::json::parse(run({"version", "--json"}).out);
  EXPECT_EQ(json["name"], "regcred");
  EXPECT_EQ(json["backendAbi"], "1.0");
  EXPECT_EQ(json["credentialProviderApiVersions"].size(), 3U);
}

TEST_F(Program, explain_names_the_entry_and_every_reason) {
  const ProcessOutput output = with_config({"explain", "docker.cloudsmith.io/acme/repo/app:1.2", "-o", "json"});
  ASSERT_EQ(output.status, 0) << output.err;
  const auto json = nlohmann::json::parse(output.out);
  EXPECT_EQ(json["image"], "docker.cloudsmith.io/acme/repo/app");
  EXPECT_EQ(json["registry"], "cloudsmith");
  ASSERT_EQ(json["candidates"].size(), 3U);
  EXPECT_EQ(json["candidates"][0]["pattern"], "docker.cloudsmith.io");
  EXPECT_EQ(json["candidates"][0]["matches"], true);
  EXPECT_EQ(json["candidates"][2]["registry"], "static");
  EXPECT_EQ(json["candidates"][2]["matches"], false);
  EXPECT_THAT(with_config({"explain", "docker.cloudsmith.io/a/b/c"}).out,
              HasSubstr("answered by  cloudsmith (backend"));
}

TEST_F(Program, explain_without_a_match_says_so_and_exits_4) {
  const ProcessOutput output = with_config({"explain", "nginx", "-o", "json"});
  EXPECT_EQ(output.status, 4);
  const auto json = nlohmann::json::parse(output.out);
  EXPECT_EQ(json["image"], "docker.io/library/nginx");
  EXPECT_TRUE(json["registry"].is_null());
  EXPECT_THAT(output.err, HasSubstr("no registry entry matches"));
}

TEST_F(Program, backends_lists_what_is_installed) {
  const ProcessOutput output = with_config({"backends", "-o", "json"});
  ASSERT_EQ(output.status, 0) << output.err;
  const auto json = nlohmann::json::parse(output.out);
  ASSERT_GE(json.size(), 2U);
  const auto found =
      std::find_if(json.begin(), json.end(), [](const auto &item) { return item["name"] == "cloudsmith"; });
  ASSERT_NE(found, json.end());
  const nlohmann::json &cloudsmith = *found;
  EXPECT_EQ(cloudsmith["abi"], "1.0");
  EXPECT_EQ(cloudsmith["sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(cloudsmith["annotations"].size(), 3U);
  EXPECT_TRUE(cloudsmith["settingsSchema"]["properties"].contains("orgSlug"));
  EXPECT_THAT(with_config({"backends"}).out, HasSubstr("static"));
}

TEST_F(Program, backends_does_not_hide_a_configuration_that_is_wrong) {
  const ProcessOutput output = run({"backends", "--config", directory_.write("wrong.yaml", "kind: [")});
  EXPECT_EQ(output.status, 3);
  EXPECT_THAT(output.err, HasSubstr("wrong.yaml:1:"));
}

TEST_F(Program, exit_statuses_of_the_kubelet_mode) {
  EXPECT_EQ(with_config({}, "").status, 2);
  EXPECT_EQ(with_config({}, "{}").status, 2);
  EXPECT_EQ(with_config({}, request("nowhere.example.org/app")).status, 4);
  EXPECT_EQ(with_config({}, request("registry.example.com/team/app")).status, 3) << "the password file is missing";
  EXPECT_EQ(with_config({}, request("docker.cloudsmith.io/a/b/c")).status, 3) << "no token was sent";
  EXPECT_EQ(run({"--config", "/nowhere/config.yaml"}, request("a.b/c")).status, 3);
  EXPECT_EQ(run({"--nope"}).status, 2);
}

TEST_F(Program, L2_every_failure_is_one_line_on_stderr_and_nothing_on_stdout) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> rows = {
      {{}, ""},
      {{}, "{"},
      {{}, request("nowhere.example.org/app")},
      {{}, request(std::string(300, 'a') + "/b")},
      {{}, request("registry.example.com/team/app")},
      {{}, request("x\\u001b[2J.example/app")}};
  for (const auto &[arguments, input] : rows) {
    const ProcessOutput output = with_config(arguments, input);
    EXPECT_NE(output.status, 0) << input;
    EXPECT_EQ(output.out, "");
    EXPECT_THAT(output.err, StartsWith("regcred: "));
    EXPECT_LE(output.err.size(), 1024U);
    EXPECT_EQ(output.err.find('\n'), output.err.size() - 1) << output.err;
    EXPECT_EQ(output.err.find('\x1b'), std::string::npos);
  }
}

TEST_F(Program, starts_through_a_symbolic_link_and_after_a_move) {
  const std::filesystem::path tree = std::filesystem::path(REGCRED_PROGRAM).parent_path().parent_path();
  const std::filesystem::path link = directory_.path() + "/any-name";
  std::filesystem::create_symlink(REGCRED_PROGRAM, link);
  const std::string config = directory_.write("config.yaml", two_registries);
  const std::vector<std::string> arguments = {"backends", "-o", "json", "--config", config};
  const auto through = [&](const std::string &program) {
    std::vector<std::string> argv = arguments;
    argv.insert(argv.begin(), program);
    return run_process({argv, "", {}});
  };
  EXPECT_EQ(through(link.string()).out, through(REGCRED_PROGRAM).out);
  const std::string moved = directory_.path() + "/moved";
  std::filesystem::copy(tree, moved, std::filesystem::copy_options::recursive);
  const ProcessOutput output = through(moved + "/bin/regcred");
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(nlohmann::json::parse(output.out)[0]["path"], StartsWith(moved + "/lib/regcred/backends/"));
}

TEST_F(Program, L4_hostile_variables_have_no_effect) {
  const std::string config = directory_.write("config.yaml", two_registries);
  const std::string key_log = directory_.path() + "/keys";
  const ProcessOutput output =
      run_process({{REGCRED_PROGRAM, "--config", config},
                   request("registry.example.com/team/app"),
                   {{"SSLKEYLOGFILE", key_log}, {"REGCRED_BACKENDS", "/tmp"}, {"HOME", "/nowhere"}}});
  EXPECT_EQ(output.status, 3);
  EXPECT_FALSE(std::filesystem::exists(key_log));
}

}  // namespace
}  // namespace regcred::testing
