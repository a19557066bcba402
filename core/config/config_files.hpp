// SPDX-License-Identifier: Apache-2.0
// From paths to the parts of a Config, and from parts to one Config. Internal to this folder: config.hpp takes the
// first thing that is wrong, inspection.hpp all of them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "config/config.hpp"
#include "config/schema.hpp"
#include "config/yaml_tree.hpp"

namespace regcred::core {

struct ConfigFiles {
  std::vector<std::string> read;      // in this order
  std::vector<std::string> not_read;  // beside them, with another ending or in a directory below; some of many
};

// The files that `source` names, by the rules of load_config; none are read when there are none below its default_root.
// Fails when a directory cannot be read, is not trusted, or holds no or too many files.
[[nodiscard]] Result<ConfigFiles> files_of(const ConfigSource &source);

// Whether the name of a file says that it is configuration: YAML or JSON in any letter case.
[[nodiscard]] bool looks_like_configuration(const std::string &path);

// "; not read, since only *.yaml is: 20-team.yml"; empty when there is nothing to say.
[[nodiscard]] std::string not_read_words(const std::vector<std::string> &not_read);

// Whether there is anything at `path`, of whatever kind; an unreadable place counts as something.
[[nodiscard]] bool path_exists(const std::string &path);

// The tree of a trusted file of UTF-8 text.
[[nodiscard]] Result<YamlNode> read_yaml(const std::string &path);

// One file, read as far as it goes. `part` counts only when there are no errors.
struct ReadFile {
  std::string path;
  YamlNode root;
  ConfigPart part;
  bool is_yaml = false;       // trusted, text, and a tree; only then the schema was asked
  std::vector<Error> errors;  // of a file that is not YAML: the one reason; else everything the schema found
};
[[nodiscard]] ReadFile read_file(const std::string &path);

// Joins the parts, and keeps what must be unique.
class JoinedConfig {
 public:
  // Fails when `part` has the second `defaults`, or an entry whose name is taken.
  [[nodiscard]] Status add(ConfigPart part);
  // The joined Config. Fails when there is no entry, or the environment's proxy is damaged.
  [[nodiscard]] Result<Config> take(const Environment &environment, const ConfigFiles &files);

 private:
  Config config_;
  bool proxy_from_environment_ = true;
  std::optional<std::string> defaults_origin_;
  std::map<std::string, std::string> origins_;  // name of an entry to its place
};

// "FILE" or "FILE and N more", for messages about the whole configuration.
[[nodiscard]] std::string origin_of(const std::vector<std::string> &files);

}  // namespace regcred::core
