// SPDX-License-Identifier: Apache-2.0
// The kubelet's providers as a piece of machine configuration, for platforms that make nodes from it. Pure.
#pragma once

#include <string>
#include <vector>

#include "cluster/kubernetes_version.hpp"
#include "common/result.hpp"

namespace regcred::core {

enum class MachineKind { kubeadm, k3s, eks_nodeconfig, talos };
inline constexpr const char *machine_kind_names[] = {"kubeadm", "k3s", "eks-nodeconfig", "talos"};

// Where such a machine has regcred's configuration; empty: this kind of machine configuration carries no files.
[[nodiscard]] const char *configuration_place(MachineKind kind);

struct MachineParts {
  KubernetesVersion version;
  std::string providers;           // a CredentialProviderConfig, as write_provider_config writes it
  std::vector<std::string> names;  // of its providers
  struct File {
    std::string name;  // below configuration_place
    std::string text;
  };
  std::vector<File> files;  // regcred's configuration
};

// kubeadm, k3s: both flags, with the paths of `regcred node install --mode files`; eks-nodeconfig: user data of two
// parts, a script that writes the files and a NodeConfig with both flags; talos: files and credentialProviderConfig.
// Fails with ErrorCode::usage where the version has no such form: kubeadm before 1.31 (v1beta4), and eks-nodeconfig
// before 1.34, since its flag names a directory.
[[nodiscard]] Result<std::string> write_machine_config(MachineKind kind, const MachineParts &parts);

}  // namespace regcred::core
