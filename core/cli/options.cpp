// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include <CLI/CLI.hpp>

namespace regcred::core {

void add_image(CLI::App &app, std::string &image) {
  app.add_option("IMAGE", image, "As in a pod: nginx, registry.example.com/app:1.2")->required();
}

void add_output_option(CLI::App &app, bool &as_json) {
  app.add_option_function<std::string>(
         "-o,--output", [&as_json](const std::string &format) { as_json = format == "json"; }, "How to print")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
}

void add_kubelet_config_option(CLI::App &app, std::optional<std::string> &path) {
  app.add_option("--kubelet-config", path, "The kubelet's CredentialProviderConfig: a file or directory")
      ->type_name("PATH");
}

void add_version_option(CLI::App &app, std::optional<std::string> &version) {
  app.add_option("--kubernetes-version", version, "The kubelet's version, like 1.34")->type_name("VERSION");
}

CLI::Option *add_host_root_option(CLI::App &app, std::string &root) {
  return app.add_option("--host-root", root, "Where the node's file system is seen, like /proc/1/root (default: /)")
      ->type_name("DIR");
}

}  // namespace regcred::core
