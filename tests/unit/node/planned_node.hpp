// SPDX-License-Identifier: Apache-2.0
// A node with a kubelet, and what an installation plans for it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "node/install_outlook.hpp"
#include "unit/node/fake_node.hpp"

namespace regcred::testing {

inline constexpr const char *providers_head =
    "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n";

// One provider of a CredentialProviderConfig.
inline std::string entry(const std::string &name, const std::string &image) {
  return "  - name: " + name + "\n    apiVersion: credentialprovider.kubelet.k8s.io/v1\n    matchImages:\n      - \"" +
         image + "\"\n    defaultCacheDuration: 10m\n";
}

class PlannedNode : public ::testing::Test {
 public:
  PlannedNode() {
    own_.version = "0.1.0";
    own_.tree = "/opt/regcred-0.1.0";
    own_.tree_id = "0.1.0-0123456789ab";
    own_.providers = providers_head + entry("regcred", "registry.example.com");
  }

  void start(const std::string &executable, const std::string &flags, const std::string &unit = "kubelet.service") {
    node_.add({911, 1, executable, executable + ' ' + flags});
    node_.write("/proc/911/cgroup", "0::/system.slice/" + unit + '\n');
  }
  void start_with(const std::string &config, const std::string &bin) {
    start("/usr/bin/kubelet",
          "--image-credential-provider-config=" + config + " --image-credential-provider-bin-dir=" + bin);
  }
  // kubeadm's unit of the kubelet, as its package has it.
  void add_kubeadm_unit(const std::string &file) {
    node_.write("/usr/lib/systemd/system/kubelet.service",
                "[Unit]\nExecStart=no\n[Service]\nExecStart=/usr/bin/kubelet\n");
    node_.write("/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
                "# Note: This dropin only works with kubeadm\n[Service]\n"
                "Environment=\"KUBELET_KUBECONFIG_ARGS=--kubeconfig=/etc/kubernetes/kubelet.conf\"\n"
                "EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nEnvironmentFile=-" +
                    file +
                    "\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_KUBEADM_ARGS "
                    "$KUBELET_EXTRA_ARGS\n");
    node_.write("/var/lib/kubelet/kubeadm-flags.env", "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=p\"\n");
  }

  core::NodeFacts facts() {
    core::Result<core::RunningKubelet> kubelet = core::find_running_kubelet(node_.root());
    EXPECT_TRUE(kubelet) << (kubelet ? "" : kubelet.error().what);
    core::Result<core::InstalledState> state = core::read_installed_state(node_.root());
    EXPECT_TRUE(state) << (state ? "" : state.error().what);
    core::Result<core::NodeFacts> facts =
        core::read_node_facts(node_.root(), kubelet ? std::optional(std::move(*kubelet)) : std::nullopt, version_,
                              *state, "/usr/bin/regcred");
    EXPECT_TRUE(facts) << (facts ? "" : facts.error().what);
    return facts ? std::move(*facts) : core::NodeFacts{};
  }
  core::Result<core::InstallPlan> plan(core::InstallMode mode = core::InstallMode::automatic) {
    facts_ = facts();
    const core::Result<core::NodePlaces> places = core::places_of(facts_);
    if (!places) return tl::make_unexpected(places.error());
    return core::plan_install(facts_, *places, own_, mode);
  }
  // What `regcred node install` would do, done by hand.
  void carry_out(const core::InstallPlan &plan) {
    for (const core::InstallStep &step : plan.steps) {
      std::filesystem::remove(node_.here(step.path));
      if (step.kind == core::InstallStep::Kind::tree) {
        node_.make_directory(step.path + "/lib/regcred/backends");
        node_.write(step.path + "/bin/regcred", "", 0755);
      } else if (step.is_link) {
        node_.link(step.path, step.content);
      } else {
        node_.write(step.path, step.content);
      }
    }
    core::InstalledState state;
    state.version = own_.version;
    state.names = plan.names;
    state.provider_file = plan.provider_file;
    if (!plan.flags_variable.empty()) state.flags_file = plan.steps.back().path;
    for (const core::InstallStep &step : plan.steps) {
      if (step.kind == core::InstallStep::Kind::registry) state.registries.push_back(step.path);
    }
    node_.write(core::installed_state_path, core::installed_state_text(state));
  }
  [[nodiscard]] core::InstallOutlook outlook(const core::InstallPlan &plan) const {
    return core::compare_with_node(plan, facts_, node_.root());
  }

  FakeNode node_;
  core::OwnParts own_;
  core::KubernetesVersion version_{34};
  core::NodeFacts facts_;
};

}  // namespace regcred::testing
