// SPDX-License-Identifier: Apache-2.0
#include "node/node_facts.hpp"

#include "common/limits.hpp"
#include "node/environment_file.hpp"
#include "node/provider_programs.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t small_file_bytes_max = 256U << 10U;

NodeSystem read_system(const HostRoot &root) {
  for (const char *path : {"/etc/os-release", "/usr/lib/os-release"}) {
    const Result<std::string> text = root.read(path, small_file_bytes_max);
    if (!text) continue;
    const Result<EnvironmentFile> file = EnvironmentFile::parse(*text, path);
    if (!file) continue;
    return {file->value("ID").value_or(""), file->value("VARIANT_ID").value_or(""),
            file->value("PRETTY_NAME").value_or("")};
  }
  return {};
}

Status read_unit(const HostRoot &root, NodeFacts &facts) {
  const std::string name = unit_name_of(root, facts.kubelet->process).value_or("kubelet.service");
  Result<KubeletUnit> unit = read_kubelet_unit(root, name);
  if (!unit) return {};  // it is started otherwise
  for (const std::string &path : unit->environment_files) {
    if (!root.is_file(path)) continue;
    Result<std::string> text = root.read(path, small_file_bytes_max);
    if (!text) return tl::make_unexpected(text.error());
    facts.environment_files.push_back({path, std::move(*text)});
  }
  facts.unit = std::move(*unit);
  return {};
}

Status read_providers(const HostRoot &root, const std::string &own_executable, NodeFacts &facts) {
  const RunningKubelet &kubelet = *facts.kubelet;
  if (kubelet.config_path.empty()) return {};
  facts.has_directory = root.is_directory(kubelet.config_path);
  facts.providers = read_provider_config(kubelet.config_path, facts.version, facts.findings, {}, root);
  const std::size_t prefix = root.is_ours() ? 0 : root.here("/").size() - 1;
  for (const std::string &file : facts.providers.files) {
    const std::string on_node = file.substr(prefix);
    Result<std::string> text = root.read(on_node, limits::config_file_bytes_max);
    if (!text) return tl::make_unexpected(text.error());
    facts.provider_files.push_back({on_node, std::move(*text)});
  }
  if (!kubelet.bin_directory.empty()) {
    judge_programs(facts.providers, {root, kubelet.bin_directory, own_executable}, facts.findings);
  }
  return {};
}

}  // namespace

Result<NodeFacts> read_node_facts(const HostRoot &root, std::optional<RunningKubelet> kubelet,
                                  KubernetesVersion version, InstalledState state, const std::string &own_executable) {
  NodeFacts facts;
  facts.system = read_system(root);
  facts.kubelet = std::move(kubelet);
  facts.version = version;
  facts.state = std::move(state);
  if (!facts.kubelet) return facts;
  if (Status read = read_unit(root, facts); !read) return tl::make_unexpected(read.error());
  if (Status read = read_providers(root, own_executable, facts); !read) return tl::make_unexpected(read.error());
  return facts;
}

}  // namespace regcred::core
