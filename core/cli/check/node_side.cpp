// SPDX-License-Identifier: Apache-2.0
#include "cli/check/node_side.hpp"

#include "cli/kubelet_version.hpp"
#include "cli/options.hpp"
#include "node/kubelet_rules.hpp"
#include "node/provider_programs.hpp"

namespace regcred::core {

void add_node_options(ArgumentParser &parser, NodeOptions &options) {
  add_kubelet_config_option(parser, options.kubelet_config);
  add_version_option(parser, options.kubernetes_version);
  parser.add("--bin-dir", options.bin_directory, "The kubelet's bin directory: is each provider's program there")
      .value_name("DIR");
  parser.add_flag("--kubelet", options.kubelet,
                  "Check the kubelet that runs on this node: flags, environment, version, providers' programs");
  add_host_root_option(parser, options.host_root);
}

Result<NodeSide> find_node_side(const NodeOptions &options, const Context &context) {
  NodeSide node{HostRoot(options.host_root),
                {},
                options.kubelet_config,
                options.bin_directory,
                options.kubernetes_version,
                {},
                {}};
  if (!options.kubelet) return node;
  Result<RunningKubelet> found = find_running_kubelet(node.root);
  if (!found) return tl::make_unexpected(found.error());
  const RunningKubelet &kubelet = node.kubelet.emplace(std::move(*found));
  node.findings = check_running_kubelet(kubelet, node.root, context.environment);
  if (!node.kubelet_config && !kubelet.config_path.empty()) node.kubelet_config = kubelet.config_path;
  if (!node.bin_directory && !kubelet.bin_directory.empty()) node.bin_directory = kubelet.bin_directory;
  if (!node.version) node.version = version_of(kubelet, node.root, context);
  const std::string none = "not given";
  node.facts = {{"process", std::to_string(kubelet.process.id) + ' ' + kubelet.process.executable},
                {"flags", "from " + kubelet.flags_origin},
                {"programs", node.bin_directory.value_or(none)},
                {"proxy", proxy_words(kubelet)}};
  return node;
}

void check_programs(const NodeSide &node, const std::string &own_executable, KubernetesVersion version,
                    ProviderConfig &providers, std::vector<Finding> &findings) {
  if (node.bin_directory) judge_programs(providers, {node.root, *node.bin_directory, own_executable}, findings);
  if (!node.kubelet) return;
  std::vector<Finding> left = check_vendor_file(*node.kubelet, node.root, providers, version);
  findings.insert(findings.end(), left.begin(), left.end());
}

}  // namespace regcred::core
