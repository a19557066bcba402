// SPDX-License-Identifier: Apache-2.0
// The two flags that make a kubelet ask credential providers, from a command line or Rancher's files.
//
// Sources: spf13/pflag; k3s: pkg/cli/cmds/agent.go, pkg/configfilearg, and its install script for the unit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/host_root.hpp"
#include "common/result.hpp"

namespace regcred::core {

// Their names, without the dashes of a command line.
inline constexpr std::string_view provider_config_flag = "image-credential-provider-config";
inline constexpr std::string_view provider_bin_flag = "image-credential-provider-bin-dir";

struct ProviderFlags {
  std::string config_path;    // --image-credential-provider-config
  std::string bin_directory;  // --image-credential-provider-bin-dir
  std::string origin;         // where they stand, for people
};

// As pflag reads them: "--name=value" or "--name value", `_` as `-`, the last one counts, nothing after "--". A
// relative path starts at /, where systemd starts services.
[[nodiscard]] ProviderFlags command_line_flags(const std::vector<std::string> &arguments);

// Whether the command is `k3s server` or `k3s agent`, which run a kubelet. k3s replaces its arguments by one text.
[[nodiscard]] bool is_k3s_node(const std::vector<std::string> &arguments);

// The same for k3s: kubelet-arg before its own flags; those of the command line (or else of its systemd unit) before
// those of /etc/rancher/k3s/config.yaml and config.yaml.d; else its own places, which count when both exist. Fails with
// ErrorCode::config when a file is not YAML.
[[nodiscard]] Result<ProviderFlags> k3s_flags(const HostRoot &root, const std::vector<std::string> &arguments);

// "v1.34.1-rke2r1" of "/var/lib/rancher/rke2/data/v1.34.1-rke2r1-0123456789ab/bin/kubelet".
[[nodiscard]] std::optional<std::string> version_in_path(const std::string &executable);

}  // namespace regcred::core
