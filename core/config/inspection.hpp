// SPDX-License-Identifier: Apache-2.0
// The configuration as `regcred check` sees it: everything that is wrong, and the place of each entry.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/finding.hpp"
#include "common/registry_config.hpp"
#include "config/config.hpp"
#include "config/yaml_tree.hpp"

namespace regcred::core {

// One entry of `registries` in its file.
struct EntrySource {
  std::string file;
  YamlNode node;  // the entry's mapping

  // "FILE:LINE:COLUMN" of what `path` leads to ("matchImages/1", "settings/headers/x"), or of the deepest part of it
  // that is there.
  [[nodiscard]] std::string place_of(std::string_view path) const;
  // The same of the key itself, where the last step of `path` is a key that is there.
  [[nodiscard]] std::string place_of_key(std::string_view path) const;
};

struct Inspection {
  std::vector<std::string> files;  // read, in order; empty in drop-in mode
  std::vector<Finding>
      findings;  // config-file and config-schema: errors; file-not-read: warnings; notes of drop-in mode
  std::optional<Config> config;      // when there is no error
  std::vector<EntrySource> sources;  // of config->registries, one by one; empty in drop-in mode
};

// Reads the files of load_config (config.hpp) by the same rules, but does not stop at the first finding.
[[nodiscard]] Inspection inspect_config(const ConfigSource &source);

}  // namespace regcred::core
