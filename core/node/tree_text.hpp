// SPDX-License-Identifier: Apache-2.0
// A YAML or JSON tree as text. Pure.
#pragma once

#include <string>

#include "config/yaml_tree.hpp"

namespace regcred::core {

// Block style, every line behind `indent` blanks. What was written without quotes is so again, so that numbers and
// words keep their forms; everything else is quoted. `node` is a mapping or a sequence with items.
[[nodiscard]] std::string tree_as_yaml(const YamlNode &node, std::size_t indent = 0);

// JSON with two blanks for each level. `node` came from JSON, or has no unquoted text but numbers, true and false.
[[nodiscard]] std::string tree_as_json(const YamlNode &node);

// Whether both mean the same: kinds, texts, quotes and order; not the places.
[[nodiscard]] bool same_tree(const YamlNode &one, const YamlNode &other);

}  // namespace regcred::core
