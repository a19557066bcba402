// SPDX-License-Identifier: Apache-2.0
#include "node/tree_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cluster/yaml_text.hpp"

namespace regcred::core {
namespace {

bool is_open(const YamlNode &node) { return !node.items.empty(); }

// A value that fits on the line of its key.
std::string inline_yaml(const YamlNode &node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "null";
    case YamlNode::Kind::scalar:
      return node.plain && node.text.find('\n') == std::string::npos ? node.text : yaml_quoted(node.text);
    case YamlNode::Kind::sequence:
      return "[]";
    case YamlNode::Kind::mapping:
      return "{}";
  }
  return {};
}

void write_json(const YamlNode &node, const std::string &before, std::string &out) {
  if (!is_open(node)) {
    const bool is_quoted = node.kind == YamlNode::Kind::scalar && !node.plain;
    out += is_quoted ? nlohmann::json(node.text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                     : inline_yaml(node);
    return;
  }
  const bool is_mapping = node.kind == YamlNode::Kind::mapping;
  const std::string inside = before + "  ";
  out += is_mapping ? "{" : "[";
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    out += (i == 0 ? "\n" : ",\n") + inside;
    if (is_mapping) {
      write_json(node.items[i++], inside, out);
      out += ": ";
    }
    write_json(node.items[i], inside, out);
  }
  out += '\n' + before + (is_mapping ? '}' : ']');
}

}  // namespace

std::string tree_as_yaml(const YamlNode &node, std::size_t indent) {
  const std::string before(indent, ' ');
  std::string out;
  const bool is_mapping = node.kind == YamlNode::Kind::mapping;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string key = is_mapping ? inline_yaml(node.items[i++]) + ':' : "-";
    const YamlNode &value = node.items[i];
    if (!is_open(value)) {
      out += before + key + ' ' + inline_yaml(value) + '\n';
    } else if (is_mapping) {
      out += before + key + '\n' + tree_as_yaml(value, indent + 2);
    } else {
      out += before + key + ' ' + tree_as_yaml(value, indent + 2).substr(indent + 2);
    }
  }
  return out;
}

std::string tree_as_json(const YamlNode &node) {
  std::string out;
  write_json(node, "", out);
  return out + '\n';
}

bool same_tree(const YamlNode &one, const YamlNode &other) {
  return one.kind == other.kind && one.plain == other.plain && one.text == other.text &&
         std::equal(one.items.begin(), one.items.end(), other.items.begin(), other.items.end(), same_tree);
}

}  // namespace regcred::core
