// SPDX-License-Identifier: Apache-2.0
// The systemd unit that starts the kubelet: its command line and where its variables come from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "config/environment.hpp"
#include "node/process_table.hpp"

namespace regcred::core {

struct KubeletUnit {
  std::string name;                            // "kubelet.service"
  std::vector<std::string> files;              // the unit's own, then its drop-ins in systemd's order
  std::vector<std::string> command;            // the words of ExecStart
  std::vector<std::string> environment_files;  // absolute, in their order: later ones win, and all over `environment`
  Variables environment;                       // of Environment=
};

// "kubelet.service": the unit in whose control group `process` runs (/proc/PID/cgroup). Nothing when it is in none.
[[nodiscard]] std::optional<std::string> unit_name_of(const HostRoot &root, const Process &process);

// Reads the unit below /etc, /run and /usr. Fails with ErrorCode::config when there is none of that name, or a file of
// it cannot be read. Specifiers (%i) and patterns in EnvironmentFile are not expanded: such lines are left out.
[[nodiscard]] Result<KubeletUnit> read_kubelet_unit(const HostRoot &root, const std::string &name);

}  // namespace regcred::core
