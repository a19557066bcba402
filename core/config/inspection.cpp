// SPDX-License-Identifier: Apache-2.0
#include "config/inspection.hpp"

#include <algorithm>

#include "common/contains.hpp"
#include "config/config_files.hpp"
#include "config/drop_in_keys.hpp"

namespace regcred::core {
namespace {

Finding finding_of(const char *rule, const Error &error) {
  return {Severity::error, rule, error.where, error.what, error.cure};
}

// The item that one step of a path leads to, or null.
const YamlNode *step_into(const YamlNode &node, std::string_view step) {
  if (node.kind == YamlNode::Kind::mapping) return node.find(step);
  if (node.kind != YamlNode::Kind::sequence || step.empty() || step.size() > 6) return nullptr;
  std::size_t index = 0;
  for (const char c : step) {
    if (c < '0' || c > '9') return nullptr;
    index = index * 10 + static_cast<std::size_t>(c - '0');
  }
  return index < node.items.size() ? &node.items[index] : nullptr;
}

// What `path` leads to, as far as it is there.
const YamlNode &deepest(const YamlNode &node, std::string_view path) {
  const YamlNode *found = &node;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const YamlNode *const next = step_into(*found, path.substr(0, slash));
    if (next == nullptr) break;
    found = next;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return *found;
}

void add_sources(const ReadFile &file, std::vector<EntrySource> &sources) {
  const YamlNode *const registries = file.root.find("registries");
  if (registries == nullptr) return;
  for (const YamlNode &entry : registries->items) sources.push_back({file.path, entry});
}

// Whether the configuration itself names the file at `path`: a secret, a CA.
bool is_named(const Config &config, const std::string &path) {
  const std::vector<std::string> &ca_files = config.http.ca_files;
  return contains(ca_files, path) ||
         std::any_of(config.registries.begin(), config.registries.end(),
                     [&](const RegistryEntry &entry) { return entry.settings_json.find(path) != std::string::npos; });
}

void add_not_read(const std::vector<std::string> &not_read, const Config &config, std::vector<Finding> &findings) {
  for (const std::string &path : not_read) {
    if (is_named(config, path)) continue;
    findings.push_back({Severity::warning, "file-not-read", path,
                        "is not read: of a directory only its own *.yaml are, without hidden ones",
                        "give it a name that ends in .yaml, or move it elsewhere"});
  }
}

// Drop-in mode, or a failure before any file could be read.
Inspection from_load(const ConfigSource &source) {
  Inspection inspection;
  Result<Config> config = load_config(source);
  if (config) {
    inspection.findings = config->notes;
    inspection.config = std::move(*config);
  } else {
    inspection.findings.push_back(finding_of("config-file", config.error()));
  }
  return inspection;
}

}  // namespace

std::string EntrySource::place_of(std::string_view path) const { return position(file, deepest(node, path)); }

std::string EntrySource::place_of_key(std::string_view path) const {
  const std::size_t slash = path.rfind('/');
  const std::string_view key = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  const YamlNode &parent = slash == std::string_view::npos ? node : deepest(node, path.substr(0, slash));
  for (std::size_t i = 0; parent.kind == YamlNode::Kind::mapping && i < parent.items.size(); i += 2) {
    if (parent.items[i].text == key) return position(file, parent.items[i]);
  }
  return place_of(path);
}

Inspection inspect_config(const ConfigSource &source) {
  if (source.program_name == drop_in_program_name) return from_load(source);
  const Result<ConfigFiles> files = files_of(source);
  if (!files || files->read.empty()) return from_load(source);

  Inspection inspection;
  inspection.files = files->read;
  JoinedConfig joined;
  for (const std::string &path : files->read) {
    ReadFile file = read_file(path);
    for (const Error &error : file.errors) {
      inspection.findings.push_back(finding_of(file.is_yaml ? "config-schema" : "config-file", error));
    }
    if (!file.errors.empty()) continue;
    add_sources(file, inspection.sources);
    if (const Status added = joined.add(std::move(file.part)); !added) {
      inspection.findings.push_back(finding_of("config-schema", added.error()));
    }
  }
  if (!inspection.findings.empty()) {
    add_not_read(files->not_read, {}, inspection.findings);
    return inspection;
  }
  Result<Config> config = joined.take(source.environment, *files);
  if (config) {
    config->invocation = invocation_of(source);
    add_not_read(files->not_read, *config, inspection.findings);
    inspection.config = std::move(*config);
  } else {
    inspection.findings.push_back(finding_of("config-schema", config.error()));
  }
  return inspection;
}

}  // namespace regcred::core
