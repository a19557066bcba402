// SPDX-License-Identifier: Apache-2.0
// YAML text to a tree with the position of every node.
//
// yaml-cpp's own tree loses what the schema needs (positions of every node, quotes, duplicate keys) and expands
// aliases without a limit, so this is built from yaml-cpp's events.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace regcred::core {

struct YamlNode {
  enum class Kind { null, scalar, sequence, mapping };

  Kind kind = Kind::null;
  bool plain = false;           // a scalar without quotes or block style: it may be a number or a boolean
  int line = 1;                 // from 1
  int column = 1;               // from 1, in bytes
  std::string text;             // of a scalar
  std::vector<YamlNode> items;  // of a sequence: its items; of a mapping: key, value, key, value

  // The value of `key` in a mapping, or null.
  [[nodiscard]] const YamlNode *find(std::string_view key) const;
};

// Parses the one document in `text`. Aliases are expanded in place. An empty document gives Kind::null; empty ones
// after the first are passed over.
// Fails with ErrorCode::config, where = "ORIGIN:LINE:COLUMN": bad syntax, a second document, a key twice, a key that
// is not text, a merge key (<<), a tag, an alias to a node that contains it, a control character, or a limit
// (limits::yaml_*).
[[nodiscard]] Result<YamlNode> parse_yaml(std::string_view text, const std::string &origin);

// "ORIGIN:LINE:COLUMN", for messages about a node.
[[nodiscard]] std::string position(const std::string &origin, const YamlNode &node);

}  // namespace regcred::core
