// SPDX-License-Identifier: Apache-2.0
#include "node/kubelet_flags.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "common/ascii.hpp"
#include "common/limits.hpp"
#include "config/yaml_tree.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kubelet_argument = "kubelet-arg";
constexpr std::size_t unit_bytes_max = 256U << 10U;
constexpr const char *k3s_config = "/etc/rancher/k3s/config.yaml";
constexpr const char *k3s_default_config = "/var/lib/rancher/credentialprovider/config.yaml";
constexpr const char *k3s_default_bin = "/var/lib/rancher/credentialprovider/bin";

std::string absolute(const std::string &path) { return path.empty() || path.starts_with('/') ? path : '/' + path; }

// Calls `take(name, value)` for each flag that has a value, if all flags take one.
template <class Take>
void each_flag(const std::vector<std::string> &arguments, Take take) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    if (word == "--") return;
    if (!word.starts_with("--")) continue;
    const std::size_t equals = word.find('=');
    std::string name(word.substr(2, equals == std::string_view::npos ? equals : equals - 2));
    std::replace(name.begin(), name.end(), '_', '-');
    if (equals != std::string_view::npos) {
      take(name, std::string(word.substr(equals + 1)));
    } else if (i + 1 < arguments.size()) {
      take(name, arguments[i + 1]);
    }
  }
}

// The flags of k3s as they are collected, the weakest source first.
class K3sFlags {
 public:
  explicit K3sFlags(const HostRoot &root) : root_(root) {}

  Status read_files() {
    std::vector<std::string> files = {k3s_config};
    const std::string folder = std::string(k3s_config) + ".d";
    std::error_code error;
    for (fs::directory_iterator entry(root_.real(folder), error), end; !error && entry != end; entry.increment(error)) {
      const fs::path name = entry->path().filename();
      if (name.extension() == ".yaml" || name.extension() == ".yml") files.push_back(folder + '/' + name.string());
      if (files.size() > limits::config_files_max) break;
    }
    std::sort(files.begin() + 1, files.end());
    for (const std::string &file : files) {
      if (!root_.is_file(file)) continue;
      const Result<std::string> text = root_.read(file, limits::config_file_bytes_max);
      if (!text) return tl::make_unexpected(text.error());
      const Result<YamlNode> document = parse_yaml(*text, root_.here(file));
      if (!document) return tl::make_unexpected(document.error());
      read_document(*document, file);
    }
    return {};
  }

  void read_arguments(const std::vector<std::string> &arguments, const std::string &origin) {
    each_flag(arguments, [&](const std::string &name, const std::string &value) { take(name, value, origin); });
  }

  // kubelet-arg comes last on the kubelet's command line. k3s leaves its own flags away unless both places exist.
  ProviderFlags result() {
    if (own_.config_path.empty()) own_.config_path = k3s_default_config;
    if (own_.bin_directory.empty()) own_.bin_directory = k3s_default_bin;
    ProviderFlags flags;
    if (root_.is_file(own_.config_path) && root_.is_directory(own_.bin_directory)) flags = own_;
    if (flags.origin.empty()) flags.origin = own_.origin.empty() ? "k3s's own places" : own_.origin;
    if (!passed_.config_path.empty()) flags.config_path = passed_.config_path;
    if (!passed_.bin_directory.empty()) flags.bin_directory = passed_.bin_directory;
    if (!passed_.origin.empty()) flags.origin = passed_.origin;
    return flags;
  }

 private:
  static void set(ProviderFlags &flags, std::string_view name, const std::string &value, const std::string &origin) {
    if (name != provider_config_flag && name != provider_bin_flag) return;
    (name == provider_config_flag ? flags.config_path : flags.bin_directory) = absolute(value);
    flags.origin = origin;
  }

  void take(const std::string &name, const std::string &value, const std::string &origin) {
    if (name != kubelet_argument) return set(own_, name, value, origin);
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos) return;
    std::string inner = value.substr(0, equals);
    inner.erase(0, std::min(inner.find_first_not_of('-'), inner.size()));
    set(passed_, inner, value.substr(equals + 1), origin);
  }

  void read_document(const YamlNode &document, const std::string &file) {
    if (document.kind != YamlNode::Kind::mapping) return;
    for (std::size_t i = 0; i + 1 < document.items.size(); i += 2) {
      std::string name = document.items[i].text;
      if (name.ends_with('+')) name.pop_back();  // adds to a list of an earlier file
      const YamlNode &value = document.items[i + 1];
      if (value.kind == YamlNode::Kind::scalar) take(name, value.text, file);
      for (const YamlNode &item : value.items) {
        if (value.kind == YamlNode::Kind::sequence && item.kind == YamlNode::Kind::scalar) take(name, item.text, file);
      }
    }
  }

  const HostRoot &root_;
  ProviderFlags own_;     // of k3s
  ProviderFlags passed_;  // through kubelet-arg
};

// The words of ExecStart= as k3s's install script writes them: one to a line, quoted, with a backslash at its end.
std::vector<std::string> unit_arguments(const std::string &unit) {
  constexpr std::string_view key = "\nExecStart=";
  const std::size_t at = unit.find(key);
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  for (std::size_t i = at == std::string::npos ? unit.size() : at + key.size(); i < unit.size(); ++i) {
    const char c = unit[i];
    if (c == '\\' && i + 1 < unit.size() && unit[i + 1] == '\n') {
      ++i;
    } else if (c == '\n') {
      break;
    } else if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote != 0 ? static_cast<char>(0) : c;
      continue;
    } else if (quote != 0 || (c != ' ' && c != '\t')) {
      word += c;
      continue;
    }
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// The words that k3s shows, its hidden ones being one text.
std::vector<std::string> shown_words(const std::vector<std::string> &arguments) {
  if (arguments.size() != 1) return arguments;
  const std::size_t space = arguments.front().find(' ');
  if (space == std::string::npos) return arguments;
  std::string command = arguments.front().substr(space + 1);
  command.resize(command.find_last_not_of(' ') + 1);
  return {arguments.front().substr(0, space), command};
}

}  // namespace

ProviderFlags command_line_flags(const std::vector<std::string> &arguments) {
  ProviderFlags flags{{}, {}, "its command line"};
  each_flag(arguments, [&](const std::string &name, const std::string &value) {
    if (name == provider_config_flag) flags.config_path = absolute(value);
    if (name == provider_bin_flag) flags.bin_directory = absolute(value);
  });
  return flags;
}

bool is_k3s_node(const std::vector<std::string> &arguments) {
  const std::vector<std::string> words = shown_words(arguments);
  return words.size() > 1 && (words[1] == "server" || words[1] == "agent");
}

Result<ProviderFlags> k3s_flags(const HostRoot &root, const std::vector<std::string> &arguments) {
  K3sFlags flags(root);
  if (const Status read = flags.read_files(); !read) return tl::make_unexpected(read.error());
  const std::vector<std::string> words = shown_words(arguments);
  if (words.size() > 2) {
    flags.read_arguments(words, "its command line");
  } else {
    const std::string name = words.size() == 2 && words[1] == "agent" ? "k3s-agent" : "k3s";
    const std::string unit = "/etc/systemd/system/" + name + ".service";
    if (const Result<std::string> text = root.read(unit, unit_bytes_max))
      flags.read_arguments(unit_arguments(*text), unit);
  }
  return flags.result();
}

std::optional<std::string> version_in_path(const std::string &executable) {
  constexpr std::string_view data = "/rke2/data/";
  const std::size_t at = executable.find(data);
  if (at == std::string::npos) return std::nullopt;
  std::string name = executable.substr(at + data.size());
  name.resize(std::min(name.find('/'), name.size()));
  name.resize(std::min(name.rfind('-'), name.size()));  // the digest of the data
  if (!name.starts_with('v') || name.size() < 2 || !is_digit(name[1])) return std::nullopt;
  return name;
}

}  // namespace regcred::core
