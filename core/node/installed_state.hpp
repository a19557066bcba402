// SPDX-License-Identifier: Apache-2.0
// What an installation wrote on this node: read by the next one, by `node status` and by `node remove`.
#pragma once

#include <string>
#include <vector>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "node/process_table.hpp"

namespace regcred::core {

// Content that a kubelet did not come up with.
struct RejectedContent {
  std::string digest;  // of the kubelet's file, its flags and its version (install_plan.hpp)
  std::string reason;  // one line
};

// Paths are those of the node.
struct InstalledState {
  std::string version;                  // of regcred; empty: nothing is installed
  std::vector<std::string> names;       // of our providers
  std::string provider_file;            // that has them
  std::string flags_file;               // that has our flags; empty: none
  std::string flags_variable;           // in it
  std::string bin_directory;            // that has our links
  std::string programs;                 // the directory of the copies of regcred; empty: a package's program is used
  std::vector<std::string> registries;  // files of the configuration
  std::string unit;                     // that starts the kubelet; empty: not known
  std::string unread_by;                // the kubelet's process that has not read this yet (process_identity)
  std::vector<RejectedContent> rejected;
};

// Where it is kept on the node.
inline constexpr const char *installed_state_directory = "/var/lib/regcred/node";
inline constexpr const char *installed_state_path = "/var/lib/regcred/node/installed.json";

// "812@1732700000": a process, and when it was started, so that a later one of the same number is another.
[[nodiscard]] std::string process_identity(const Process &process);

// Empty without the file. Fails with ErrorCode::config when it is damaged, or others than root may
// change it.
[[nodiscard]] Result<InstalledState> read_installed_state(const HostRoot &root);

[[nodiscard]] std::string installed_state_text(const InstalledState &state);

}  // namespace regcred::core
