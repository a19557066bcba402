// SPDX-License-Identifier: Apache-2.0
// `regcred node status` through the program: a node's files and processes below --host-root.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "unit/node/fake_node.hpp"

namespace regcred::testing {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char *configuration =
    "apiVersion: regcred/v1\nkind: RegistryConfig\nregistries:\n  - name: build\n    matchImages: "
    "[registry.example.com]\n"
    "    backend: static\n    settings: { username: u, passwordFile: /etc/regcred/password }\n";
constexpr const char *their_file =
    "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n  - name: theirs\n"
    "    apiVersion: credentialprovider.kubelet.k8s.io/v1\n    matchImages: [a.example.com]\n"
    "    defaultCacheDuration: 10m\n";

class NodeStatus : public ::testing::Test {
 protected:
  void start_kubelet(const std::vector<std::string> &variables = {}) {
    node_.write("/etc/kubernetes/p.yaml", their_file);
    node_.write("/opt/plugins/theirs", "x", 0755);
    node_.add({50, 1, "/usr/bin/kubelet",
               "/usr/bin/kubelet --image-credential-provider-config=/etc/kubernetes/p.yaml "
               "--image-credential-provider-bin-dir=/opt/plugins",
               variables});
    node_.write("/proc/50/cgroup", "0::/system.slice/kubelet.service\n");
    node_.write("/etc/systemd/system/kubelet.service", "[Service]\nExecStart=/usr/bin/kubelet\n");
  }

  ProcessOutput status(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {REGCRED_PROGRAM, "node", "status", "--host-root", node_.here("")};
    words.insert(words.end(), more.begin(), more.end());
    return run_process({std::move(words)});
  }

  // Every name below the node's root, with its time of change.
  [[nodiscard]] std::string everything() const {
    std::string all;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(node_.here(""))) {
      struct stat status {};
      if (::lstat(entry.path().c_str(), &status) != 0) continue;
      all += entry.path().string() + ' ' + std::to_string(status.st_ctim.tv_sec) + '.' +
             std::to_string(status.st_ctim.tv_nsec) + '\n';
    }
    return all;
  }

  FakeNode node_;
  TemporaryDirectory directory_;
};

TEST_F(NodeStatus, what_an_installation_would_do_and_why_and_nothing_is_changed) {
  start_kubelet();
  const std::string config = directory_.write("config.yaml", configuration);
  const std::string before = everything();
  const ProcessOutput output = status({"--config", config, "--kubernetes-version", "1.34"});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(
      output.out,
      AllOf(HasSubstr("kubelet         process 50 /usr/bin/kubelet, Kubernetes 1.34, kubelet.service\n"),
            HasSubstr("reads           /etc/kubernetes/p.yaml, by its command line\n"),
            HasSubstr("asks            theirs (another program): /opt/plugins/theirs\n"),
            HasSubstr("installed       nothing by `regcred node install`\n"),
            HasSubstr("install, mode merge: /etc/kubernetes/p.yaml is a file that the kubelet reads already\n"),
            HasSubstr("/opt/regcred/current -> versions/0.1.0-"), HasSubstr("registry   /etc/regcred/config.yaml\n"),
            HasSubstr("link       /opt/plugins/regcred -> /opt/regcred/current/bin/regcred\n"),
            HasSubstr("  restart kubelet.service: the kubelet reads /etc/kubernetes/p.yaml at its start only\n"),
            HasSubstr("\nnot up to date\n")));
  EXPECT_EQ(everything(), before);
}

TEST_F(NodeStatus, as_json_without_the_content_of_files) {
  start_kubelet({"HTTPS_PROXY=http://user:pass-word@proxy.example.com:3128"});
  const std::string config = directory_.write("config.yaml", configuration);
  const ProcessOutput output = status({"--config", config, "--kubernetes-version", "1.34", "-o", "json"});
  const json report = json::parse(output.out, nullptr, false);
  EXPECT_EQ(report["kubelet"]["unit"], "kubelet.service") << output.out << output.err;
  EXPECT_EQ(report["kubelet"]["version"], "1.34");
  EXPECT_EQ(report["providers"][0]["programIsThere"], true);
  EXPECT_EQ(report["install"]["mode"], "merge");
  EXPECT_EQ(report["install"]["upToDate"], false);
  EXPECT_EQ(report["install"]["refusal"], nullptr);
  EXPECT_EQ(report["install"]["steps"][0]["kind"], "program");
  EXPECT_THAT(output.out, AllOf(Not(HasSubstr("pass-word")), Not(HasSubstr("matchImages"))));
}

TEST_F(NodeStatus, without_a_version_a_configuration_or_a_kubelet_it_says_what_is_missing) {
  EXPECT_THAT(status().out, HasSubstr("install would be refused: "));
  start_kubelet();
  EXPECT_THAT(status().out, HasSubstr("--kubernetes-version: is needed here"));
  EXPECT_THAT(status({"--kubernetes-version", "1.34"}).out,
              AllOf(HasSubstr("install would be refused: "), HasSubstr("/etc/regcred")));
}

TEST_F(NodeStatus, the_nodes_own_configuration_is_used_without_config) {
  start_kubelet();
  node_.write("/etc/regcred/config.yaml", configuration);
  const ProcessOutput output = status({"--kubernetes-version", "1.34"});
  EXPECT_THAT(output.out, AllOf(HasSubstr("link       /opt/plugins/regcred"), Not(HasSubstr("registry "))));
}

TEST_F(NodeStatus, N3_what_stands_in_the_way_is_shown_with_its_place) {
  start_kubelet();
  node_.write("/etc/regcred/config.yaml", configuration);
  std::string text = their_file;
  text.replace(text.find("name: theirs"), 12, "name: regcred");
  node_.write("/etc/kubernetes/p.yaml", text);
  node_.write("/opt/plugins/regcred", "another program", 0755);
  const ProcessOutput output = status({"--kubernetes-version", "1.34"});
  EXPECT_THAT(output.out,
              AllOf(HasSubstr("[foreign-entry]"), HasSubstr("[foreign-file]"),
                    HasSubstr("install would be refused: /etc/kubernetes/p.yaml:4:5: the entry \"regcred\"")));
}

}  // namespace
}  // namespace regcred::testing
