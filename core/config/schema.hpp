// SPDX-License-Identifier: Apache-2.0
// The schema regcred/v1: a tree of YAML to the parts of a Config. Every key is explained in config/reference.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/registry_config.hpp"
#include "config/yaml_reader.hpp"

namespace regcred::core {

// What one file configures. Of several files only one may have `defaults`.
struct ConfigPart {
  std::optional<std::string> defaults_origin;  // file:line:column of `defaults`
  Config defaults;                             // everything but `registries`
  bool proxy_from_environment = true;          // `proxy: environment`; then defaults.http.proxy is empty
  std::vector<RegistryEntry> registries;
};

// Reads the document at `root`, noting everything that is wrong; the result counts only when nothing was.
[[nodiscard]] ConfigPart read_schema(const YamlNode &root, ConfigErrors &errors);

}  // namespace regcred::core
