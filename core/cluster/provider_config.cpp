// SPDX-License-Identifier: Apache-2.0
#include "cluster/provider_config.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "cluster/kubelet_text.hpp"
#include "cluster/provider_reader.hpp"
#include "common/ascii.hpp"
#include "common/contains.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"
#include "common/unique_fd.hpp"
#include "config/document_kind.hpp"
#include "config/drop_in_keys.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> config_api_versions = {
    "kubelet.config.k8s.io/v1", "kubelet.config.k8s.io/v1beta1", "kubelet.config.k8s.io/v1alpha1"};

// The files of one configuration, read one after the other.
class ConfigReader {
 public:
  ConfigReader(KubernetesVersion version, std::vector<Finding> &findings, const Invocation &invocation,
               const HostRoot &root)
      : version_(version), findings_(findings), invocation_(invocation), root_(root) {}

  ProviderConfig read(const std::string &path) {
    struct stat info {};
    if (::stat(openable(path).c_str(), &info) != 0) {
      refuse(root_.here(path), "kubelet-file", std::string("cannot be read: ") + std::strerror(errno),
             "correct the path");
      return std::move(config_);
    }
    const std::vector<std::string> files = S_ISDIR(info.st_mode) ? files_of(path) : std::vector<std::string>{path};
    for (const std::string &file : files) read_file(file);
    return judged();
  }

  ProviderConfig read_texts(std::vector<ProviderText> texts) {
    for (ProviderText &file : texts) {
      config_.files.push_back(file.path);
      read_text(std::move(file.text), file.path);
    }
    return judged();
  }

 private:
  // The rules on all files together.
  ProviderConfig judged() {
    if (config_.providers.empty() && !empty_place_.empty()) {  // one file of several may have none
      refuse(empty_place_, "no-providers", "no provider is configured, and the kubelet does not start",
             "write one with `" + advised_command(invocation_, "generate kubelet-config") + "`");
    }
    find_repeated_names();
    return std::move(config_);
  }

  // A path of this system is opened as it is: it may be /dev/stdin.
  [[nodiscard]] std::string openable(const std::string &path) const {
    return root_.is_ours() ? path : root_.real(path);
  }

  void refuse(std::string where, const char *rule, std::string what, std::string cure) {
    findings_.push_back({Severity::error, rule, std::move(where), std::move(what), std::move(cure)});
  }

  std::vector<std::string> files_of(const fs::path &directory) {
    if (!config_directory.contains(version_)) {
      refuse(root_.here(directory), "kubelet-directory", "is a directory, which the kubelet takes from 1.34 on",
             "name one file, or update the nodes");
    }
    std::vector<std::string> files;
    std::error_code error;
    for (fs::directory_iterator entry(openable(directory), error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string extension = entry->path().extension();
      const auto is_one = [](const std::string &text) { return text == ".yaml" || text == ".yml" || text == ".json"; };
      if (!is_one(extension)) {
        if (is_one(to_lower(extension))) {
          findings_.push_back({Severity::warning, "kubelet-directory", entry->path(),
                               "is not read by the kubelet: letter case counts in " + extension,
                               "give it a name that ends in " + to_lower(extension) + ", or move it elsewhere"});
        }
        continue;
      }
      std::error_code unknown;  // what cannot be looked at is read, and then refused by its name
      if (!fs::is_directory(entry->symlink_status(unknown))) files.push_back(directory / entry->path().filename());
    }
    if (error) {
      refuse(root_.here(directory), "kubelet-directory", "cannot be read: " + error.message(),
             "see its mode and owner");
      return files;
    }
    std::sort(files.begin(), files.end());
    if (files.size() > limits::config_files_max) files.resize(limits::config_files_max);
    if (files.empty()) {
      refuse(root_.here(directory), "kubelet-directory",
             "holds no .yaml, .yml or .json, and the kubelet does not start", "put a CredentialProviderConfig into it");
    }
    return files;
  }

  void read_file(const std::string &on_node) {
    const std::string path = root_.here(on_node);
    config_.files.push_back(path);
    const UniqueFd fd(
        ::open(openable(on_node).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));  // a FIFO must not block us
    if (fd.get() < 0) {
      refuse(path, "kubelet-file", std::string("cannot be read: ") + std::strerror(errno), "see its mode and owner");
      return;
    }
    Result<std::string> bytes = read_all(fd.get(), limits::config_file_bytes_max, ErrorCode::config, path);
    if (!bytes) {
      refuse(path, "kubelet-file", bytes.error().what, bytes.error().cure);
      return;
    }
    read_text(std::move(*bytes), path);
  }

  void read_text(std::string text, const std::string &path) {
    const Result<YamlNode> root = parse_kubelet_text(std::move(text), path);
    if (!root) {
      refuse(root.error().where, "kubelet-file", root.error().what, root.error().cure);
      return;
    }
    read_document(*root, path);
  }

  void read_document(const YamlNode &root, const std::string &path) {
    if (const auto mistaken = mistaken_document(root, path, DocumentKind::provider_config)) {
      refuse(position(path, root), "kubelet-kind", mistaken->what, mistaken->cure);
      return;
    }
    const FieldReader in(root, "", {"apiVersion", "kind", "providers"}, path, version_, findings_);
    if (root.kind != YamlNode::Kind::mapping) return;
    const std::string api_version = in.text("apiVersion").value_or("");
    if (!contains(config_api_versions, api_version)) {
      in.refuse("apiVersion", "kubelet-api-version",
                api_version.empty() ? "apiVersion is missing" : "apiVersion is " + in_quotes(api_version),
                "write apiVersion: kubelet.config.k8s.io/v1");
    }
    if (const std::string kind = in.text("kind").value_or(""); kind != "CredentialProviderConfig") {
      in.refuse("kind", "kubelet-kind", kind.empty() ? "kind is missing" : "kind is " + in_quotes(kind),
                "write kind: CredentialProviderConfig");
    }
    const std::vector<YamlNode> &items = in.items("providers");
    if (items.empty() && empty_place_.empty()) empty_place_ = in.where("providers");
    for (std::size_t i = 0; i < items.size(); ++i) {
      config_.providers.push_back(
          read_provider(items[i], "providers[" + std::to_string(i) + ']', path, api_version, version_, findings_));
    }
  }

  void find_repeated_names() {
    std::map<std::string, std::string> first;  // name to its place
    for (const KubeletProvider &provider : config_.providers) {
      if (provider.name.text.empty()) continue;
      const auto [found, is_new] = first.emplace(provider.name.text, provider.name.where);
      if (is_new) continue;
      refuse(provider.name.where, "provider-name-repeated",
             "the name " + in_quotes(provider.name.text) + " is that of the provider at " + found->second + ", too",
             "give it another name, and make a link of that name to the same program with `" +
                 advised_command(invocation_, "install-links DIR") + "`");
    }
  }

  KubernetesVersion version_;
  std::vector<Finding> &findings_;
  const Invocation &invocation_;
  const HostRoot &root_;
  ProviderConfig config_;
  std::string empty_place_;  // of the first `providers` without an item
};

}  // namespace

ProviderConfig read_provider_config(const std::string &path, KubernetesVersion version, std::vector<Finding> &findings,
                                    const Invocation &invocation, const HostRoot &root) {
  return ConfigReader(version, findings, invocation, root).read(path);
}

ProviderConfig read_provider_texts(std::vector<ProviderText> texts, KubernetesVersion version,
                                   std::vector<Finding> &findings) {
  const HostRoot root;
  return ConfigReader(version, findings, {}, root).read_texts(std::move(texts));
}

bool runs_regcred(const KubeletProvider &provider) {
  if (provider.is_regcred) return *provider.is_regcred;
  const std::string &name = provider.name.text;
  return name == "regcred" || name.starts_with("regcred-") || name == drop_in_program_name;
}

const Finding *first_refusal(const std::vector<Finding> &findings) {
  const auto error = std::find_if(findings.begin(), findings.end(), [](const Finding &finding) {
    return finding.severity == Severity::error && !finding.rule.starts_with("pattern-");
  });
  return error == findings.end() ? nullptr : &*error;
}

}  // namespace regcred::core
