// SPDX-License-Identifier: Apache-2.0
// Options that several commands share.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace regcred::core {

// IMAGE, required.
void add_image(CLI::App &app, std::string &image);

// -o, --output text or json.
void add_output_option(CLI::App &app, bool &as_json);

// --kubelet-config: a CredentialProviderConfig, or a directory of them.
void add_kubelet_config_option(CLI::App &app, std::optional<std::string> &path);

// --kubernetes-version: 1.34, v1.34.4.
void add_version_option(CLI::App &app, std::optional<std::string> &version);

// --host-root: where a container sees the node's file system; a directory.
CLI::Option *add_host_root_option(CLI::App &app, std::string &root);

}  // namespace regcred::core
