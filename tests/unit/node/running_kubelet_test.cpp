// SPDX-License-Identifier: Apache-2.0
// The kubelets of the platforms by their process lists and files, and /proc as hostile processes write it.
#include "node/running_kubelet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/kubelet_rules.hpp"
#include "unit/node/fake_node.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using testing::FakeNode;
using testing::FakeProcess;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A node of each platform, with more processes than the kubelet.
struct Platform {
  const char *name;
  std::vector<FakeProcess> processes;
  std::vector<std::pair<std::string, std::string>> files;
  KubeletHost host;
  std::string config_path;
  std::string bin_directory;
  std::string flags_origin;
  std::string version;
};

std::vector<Platform> platforms() {
  return {
      {"kubeadm",
       {{702, 1, "/usr/bin/containerd", "/usr/bin/containerd"},
        {911, 1, "/usr/bin/kubelet",
         "/usr/bin/kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf "
         "--kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml "
         "--container-runtime-endpoint=unix:///run/containerd/containerd.sock "
         "--image-credential-provider-config=/etc/kubernetes/credential-providers.yaml "
         "--image-credential-provider-bin-dir=/usr/local/libexec/kubelet-plugins"}},
       {},
       KubeletHost::systemd,
       "/etc/kubernetes/credential-providers.yaml",
       "/usr/local/libexec/kubelet-plugins",
       "its command line",
       ""},
      {"eks_al2023",
       {{1841, 1, "/usr/bin/kubelet",
         "/usr/bin/kubelet --config=/etc/kubernetes/kubelet/config.json "
         "--config-dir=/etc/kubernetes/kubelet/config.json.d "
         "--image-credential-provider-bin-dir=/etc/eks/image-credential-provider "
         "--image-credential-provider-config=/etc/eks/image-credential-provider/config.json --node-ip=10.0.1.2 "
         "--v=2 --image-credential-provider-config /etc/regcred/kubelet.d"}},
       {},
       KubeletHost::systemd,
       "/etc/regcred/kubelet.d",  // flags of the user data come last
       "/etc/eks/image-credential-provider",
       "its command line",
       ""},
      {"aks",
       {{2210, 1, "/opt/bin/kubelet",
         "/usr/local/bin/kubelet --enable-server --v=2 --volume-plugin-dir=/etc/kubernetes/volumeplugins "
         "--image_credential_provider_config=/var/lib/kubelet/credential-provider-config.yaml "
         "--image-credential-provider-bin-dir=/var/lib/kubelet/credential-provider --"
         " --image-credential-provider-bin-dir=/not/a/flag"}},
       {},
       KubeletHost::systemd,
       "/var/lib/kubelet/credential-provider-config.yaml",
       "/var/lib/kubelet/credential-provider",
       "its command line",
       ""},
      {"gke_cos",
       {{1533, 1, "/home/kubernetes/bin/kubelet",
         "/home/kubernetes/bin/kubelet --v=2 --cloud-provider=external "
         "--image-credential-provider-config=/etc/srv/kubernetes/cri_auth_config.yaml "
         "--image-credential-provider-bin-dir=/home/kubernetes/bin --config /home/kubernetes/kubelet-config.yaml"}},
       {},
       KubeletHost::systemd,
       "/etc/srv/kubernetes/cri_auth_config.yaml",
       "/home/kubernetes/bin",
       "its command line",
       ""},
      {"rke2_agent",
       {{800, 1, "/usr/local/bin/rke2", "/usr/local/bin/rke2 agent"},
        {1022, 800, "/var/lib/rancher/rke2/data/v1.34.1-rke2r1-0f1e2d3c4b5a/bin/kubelet",
         "kubelet --volume-plugin-dir=/var/lib/kubelet/volumeplugins "
         "--image-credential-provider-bin-dir=/var/lib/rancher/credentialprovider/bin "
         "--image-credential-provider-config=/var/lib/rancher/credentialprovider/config.yaml"}},
       {},
       KubeletHost::rke2,
       "/var/lib/rancher/credentialprovider/config.yaml",
       "/var/lib/rancher/credentialprovider/bin",
       "its command line",
       "v1.34.1-rke2r1"},
      {"k3s_own_places",
       {{640, 1, "/var/lib/rancher/k3s/data/0123abcd/bin/k3s", "/usr/local/bin/k3s server", {}, "k3s-server", 0, true}},
       {{"/var/lib/rancher/credentialprovider/config.yaml", "kind: CredentialProviderConfig\n"},
        {"/var/lib/rancher/credentialprovider/bin/regcred", ""}},
       KubeletHost::k3s,
       "/var/lib/rancher/credentialprovider/config.yaml",
       "/var/lib/rancher/credentialprovider/bin",
       "k3s's own places",
       ""},
      {"k3s_config_file",
       {{640, 1, "/var/lib/rancher/k3s/data/0123abcd/bin/k3s", "/usr/local/bin/k3s server", {}, "k3s-server", 0, true}},
       {{"/etc/rancher/k3s/config.yaml", "image-credential-provider-config: /etc/a.yaml\nnode-name: n\n"},
        {"/etc/rancher/k3s/config.yaml.d/50-x.yaml",
         "image-credential-provider-config: /etc/b.yaml\nimage-credential-provider-bin-dir: /opt/bin\n"},
        {"/etc/b.yaml", ""},
        {"/opt/bin/regcred", ""}},
       KubeletHost::k3s,
       "/etc/b.yaml",
       "/opt/bin",
       "/etc/rancher/k3s/config.yaml.d/50-x.yaml",
       ""},
      {"k3s_kubelet_arg",
       {{640, 1, "/usr/local/bin/k3s", "/usr/local/bin/k3s server --disable traefik", {}, "k3s-server"}},
       {{"/etc/rancher/k3s/config.yaml",
         "kubelet-arg:\n- image-credential-provider-config=/etc/d.yaml\n- v=2\n"
         "kubelet-arg+: [\"--image-credential-provider-bin-dir=/opt/d\"]\n"}},
       KubeletHost::k3s,
       "/etc/d.yaml",
       "/opt/d",
       "/etc/rancher/k3s/config.yaml",
       ""},
      {"k3s_agent_unit",
       {{640, 1, "/usr/local/bin/k3s", "/usr/local/bin/k3s agent", {}, "k3s-agent", 0, true}},
       {{"/etc/systemd/system/k3s-agent.service",
         "[Service]\nExecStart=/usr/local/bin/k3s \\\n    agent \\\n\t'--kubelet-arg' \\\n"
         "\t'image-credential-provider-config=/etc/c.yaml' \\\n"
         "\t'--kubelet-arg=image-credential-provider-bin-dir=/opt/c bin' \\\n\nRestart=always\n"}},
       KubeletHost::k3s,
       "/etc/c.yaml",
       "/opt/c bin",
       "/etc/systemd/system/k3s-agent.service",
       ""},
  };
}

TEST(RunningKubelet, each_platform_by_its_processes_and_files) {
  for (const Platform &platform : platforms()) {
    SCOPED_TRACE(platform.name);
    FakeNode node;
    for (const FakeProcess &process : platform.processes) node.add(process);
    for (const auto &[path, content] : platform.files) node.write(path, content);
    const HostRoot root = node.root();
    const Result<RunningKubelet> found = find_running_kubelet(root);
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->host, platform.host);
    EXPECT_EQ(found->process.id, platform.processes.back().id);
    EXPECT_EQ(found->config_path, platform.config_path);
    EXPECT_EQ(found->bin_directory, platform.bin_directory);
    EXPECT_EQ(found->flags_origin, platform.flags_origin);
    EXPECT_EQ(found->version.value_or(""), platform.version);
    EXPECT_EQ(found->process.started_s, 1000000005);
  }
}

Result<RunningKubelet> find(const std::vector<FakeProcess> &processes) {
  FakeNode node;
  for (const FakeProcess &process : processes) node.add(process);
  const HostRoot root = node.root();
  return find_running_kubelet(root);
}

const FakeProcess real{50, 1, "/usr/bin/kubelet", "/usr/bin/kubelet --image-credential-provider-bin-dir=/b"};

TEST(RunningKubelet, H7_what_only_calls_itself_kubelet_is_not_one) {
  for (const FakeProcess &other : {FakeProcess{60, 44, "/kubelet", "kubelet", {}, "kubelet"},              // in a pod
                                   FakeProcess{60, 1, "/home/u/kubelet", "kubelet", {}, "kubelet", 1000},  // a user's
                                   FakeProcess{60, 1, "/usr/bin/sleep", "kubelet", {}, "kubelet"},
                                   FakeProcess{60, 1, "/usr/bin/sleep", "sleep", {}, "x) S 1 (kubelet"},
                                   FakeProcess{60, 1, "/usr/local/bin/k3s", "/usr/local/bin/k3s kubectl get pods"},
                                   FakeProcess{60, 1, "", "", {}, "kthreadd"}}) {
    const Result<RunningKubelet> found = find({other, real});
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->process.id, 50);
    EXPECT_FALSE(find({other}));
  }
  EXPECT_THAT(find({{60, 44, "/kubelet", "kubelet"}}).error().what, HasSubstr("process 60 is called kubelet"));
}

TEST(RunningKubelet, two_of_them_are_not_chosen_from) {
  const Result<RunningKubelet> found = find({real, {70, 1, "/opt/kubelet", "kubelet"}});
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().what, HasSubstr("processes 50, 70"));
}

TEST(RunningKubelet, rke2_without_its_kubelet) {
  EXPECT_THAT(find({{60, 1, "/usr/local/bin/rke2", "rke2 agent"}}).error().what, HasSubstr("not yet its kubelet"));
}

TEST(RunningKubelet, H5_what_is_broken_or_endless_in_proc_is_refused_or_passed_over) {
  FakeNode node;
  node.add(real);
  for (const char *stat :
       {"", "61", "61 (", "61 (x", "61 (x)", "61 (x) ", "61 )x( S 1", "61 (x) S -", "61 (kubelet) S 1"}) {
    node.write("/proc/61/stat", stat);
    const HostRoot root = node.root();
    EXPECT_TRUE(find_running_kubelet(root)) << stat;
  }
  node.write("/proc/61/stat", std::string(100000, '9'));
  node.write("/proc/99999999999999999999/stat", "1 (kubelet) S 1");
  node.link("/proc/77", "/etc");
  const HostRoot root = node.root();
  EXPECT_TRUE(find_running_kubelet(root));
  node.write("/proc/50/cmdline", std::string((2U << 20U) + 1, 'x'));
  const Result<RunningKubelet> found = find_running_kubelet(root);
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().what, HasSubstr("is larger than"));
}

TEST(RunningKubelet, without_the_nodes_processes) {
  const testing::TemporaryDirectory empty;
  const Result<RunningKubelet> found = find_running_kubelet(HostRoot(empty.path()));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::usage);
  EXPECT_THAT(found.error().cure, HasSubstr("--host-root /proc/1/root"));
}

TEST(HostRoot, a_link_leads_to_where_it_leads_on_the_node) {
  FakeNode node;
  node.write("/data/file", "inside");
  node.link("/etc/absolute", "/data/file");
  node.link("/etc/upwards", "../../../../data/file");
  node.link("/etc/folder", "/data");
  node.link("/etc/loop", "/etc/loop");
  const HostRoot root = node.root();
  for (const char *path : {"/etc/absolute", "/etc/upwards", "/etc/folder/file", "/etc/folder/../data/file"}) {
    EXPECT_EQ(root.read(path, 100).value_or("?"), "inside") << path;
    EXPECT_EQ(root.real_on_node(path), "/data/file");
  }
  std::string endless = "/etc";
  while (endless.size() < (1U << 20U)) endless += "/a";
  EXPECT_FALSE(root.is_directory(endless));
  EXPECT_FALSE(root.read("/etc/loop", 100));
  EXPECT_FALSE(root.read("/etc", 100));
}

class KubeletRules : public ::testing::Test {
 protected:
  std::vector<std::string> rules(const std::string &arguments, const std::vector<std::string> &variables,
                                 const Variables &shell = {}) {
    node_.add({50, 1, "/usr/bin/kubelet", "kubelet" + arguments, variables});
    const HostRoot root = node_.root();
    const Result<RunningKubelet> found = find_running_kubelet(root);
    if (!found) return {found.error().what};
    std::vector<std::string> lines;
    text_ = proxy_words(*found);
    for (const Finding &finding : check_running_kubelet(*found, root, Environment(shell))) {
      lines.push_back((finding.severity == Severity::error     ? "error "
                       : finding.severity == Severity::warning ? "warning "
                                                               : "note ") +
                      finding.rule);
      text_ += finding.where + finding.what + finding.cure;
    }
    std::filesystem::remove_all(node_.here("/proc/50"));
    return lines;
  }
  FakeNode node_;
  std::string text_;
};
const std::string both = " --image-credential-provider-config=/etc/p.yaml --image-credential-provider-bin-dir=/b";

TEST_F(KubeletRules, flags_environment_and_what_is_not_read_yet) {
  EXPECT_THAT(rules(both, {}), IsEmpty());
  EXPECT_THAT(rules("", {}), ElementsAre("error kubelet-flags"));
  EXPECT_THAT(rules(" --image-credential-provider-config=/x", {}), ElementsAre("error kubelet-flags"));
  EXPECT_THAT(rules(both, {"HTTP_PROXY=http://proxy:3128"}), ElementsAre("note kubelet-proxy"));
  EXPECT_THAT(rules(both, {}, {{"https_proxy", "http://proxy:3128"}}), ElementsAre("note kubelet-proxy"));
  EXPECT_THAT(rules(both, {"HTTPS_PROXY=p:3128"}, {{"https_proxy", "http://proxy:3128"}}), IsEmpty());
  node_.write("/etc/p.yaml", "");  // now: after the kubelet's start
  EXPECT_THAT(rules(both, {}), ElementsAre("warning kubelet-restart"));
}

TEST_F(KubeletRules, L1_H8_a_proxys_password_is_not_shown) {
  EXPECT_THAT(rules(both, {"HTTPS_PROXY=http://user:pass-word@proxy.example.com:3128", "NO_PROXY=.svc,10.0.0.0/8"}),
              ElementsAre("note kubelet-proxy"));
  EXPECT_THAT(text_, HasSubstr("http://proxy.example.com:3128, not for .svc,10.0.0.0/8"));
  EXPECT_THAT(text_, Not(HasSubstr("pass-word")));
  EXPECT_THAT(rules(both, {"HTTPS_PROXY=http://user:pass-word@x@proxy:3128"}), ElementsAre("warning kubelet-proxy"));
  EXPECT_THAT(text_, Not(HasSubstr("pass-word")));
}

}  // namespace
}  // namespace regcred::core
