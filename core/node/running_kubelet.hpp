// SPDX-License-Identifier: Apache-2.0
// The kubelet that runs on this node, and how it was started. START HERE in this folder.
#pragma once

#include <optional>
#include <string>

#include "common/result.hpp"
#include "config/environment.hpp"
#include "node/process_table.hpp"

namespace regcred::core {

// Who starts the kubelet: systemd, or Rancher's programs. k3s runs it within its own process, RKE2 as a child.
enum class KubeletHost { systemd, k3s, rke2 };

struct RunningKubelet {
  KubeletHost host = KubeletHost::systemd;
  Process process;
  Variables variables;  // its environment: may hold passwords of proxies, and is never shown
  // The two flags, as paths on the node. What was not given is empty.
  std::string config_path;
  std::string bin_directory;
  std::string flags_origin;            // where they stand: "its command line", "/etc/rancher/k3s/config.yaml"
  std::optional<std::string> version;  // when its path names it: "v1.34.1-rke2r1"
};

// A process of root that is called kubelet, or k3s with the command server or agent, and whose parent is process 1; for
// RKE2, kubelet below such an rke2. A pod's process can call itself kubelet, but it has another parent.
// Fails with ErrorCode::usage when there is none, or more than one; and as read_processes and read_arguments do.
[[nodiscard]] Result<RunningKubelet> find_running_kubelet(const HostRoot &root);

}  // namespace regcred::core
