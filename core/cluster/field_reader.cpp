// SPDX-License-Identifier: Apache-2.0

#include "cluster/kubelet_text.hpp"
#include "cluster/provider_reader.hpp"
#include "common/contains.hpp"
#include "common/join.hpp"
#include "common/text.hpp"
#include "config/yaml_reader.hpp"

namespace regcred::core {
namespace {

constexpr const char *field_rule = "kubelet-field";

}  // namespace

FieldReader::FieldReader(const YamlNode &node, std::string name, std::initializer_list<std::string_view> fields,
                         const std::string &file, KubernetesVersion version, std::vector<Finding> &findings)
    : node_(node), name_(std::move(name)), file_(file), version_(version), findings_(findings) {
  if (node.kind != YamlNode::Kind::mapping) {
    refuse_at(place(node), field_rule,
              (name_.empty() ? "the document" : name_) + " is " + std::string(kind_name(node)) + ", expected a mapping",
              "write \"field: value\" lines");
    return;
  }
  const std::vector<std::string_view> known(fields);
  for (std::size_t i = 0; i < node.items.size(); i += 2) {
    const YamlNode &key = node.items[i];
    if (contains(known, key.text)) continue;
    const std::string_view near = nearest(key.text, known);
    const bool strict = strict_decoding.contains(version);
    refuse_at(place(key), field_rule,
              "unknown field " + in_quotes(key.text) + (name_.empty() ? "" : " in " + name_) +
                  (strict ? "" : ", which this version of the kubelet ignores"),
              near.empty() ? "the fields here are " + either(known)
                           : "did you mean " + std::string(near) + "? Letter case counts",
              strict ? Severity::error : Severity::warning);
  }
}

bool FieldReader::is_written(std::string_view field) const {
  return node_.kind == YamlNode::Kind::mapping && node_.find(field) != nullptr;
}

const YamlNode *FieldReader::value(std::string_view field) const {
  const YamlNode *const found = node_.kind == YamlNode::Kind::mapping ? node_.find(field) : nullptr;
  return found == nullptr || found->kind == YamlNode::Kind::null ? nullptr : found;
}

std::string FieldReader::where(std::string_view field) const {
  const YamlNode *const found = value(field);
  return place(found == nullptr ? node_ : *found);
}

std::string FieldReader::named(std::string_view field) const {
  return name_.empty() ? std::string(field) : name_ + '.' + std::string(field);
}

std::optional<std::string> FieldReader::text(std::string_view field) const {
  const YamlNode *const found = value(field);
  if (found == nullptr) return std::nullopt;
  if (is_kubelet_text(*found)) return found->text;
  const std::string found_kind =
      found->kind == YamlNode::Kind::scalar ? "a number or a boolean" : std::string(kind_name(*found));
  refuse(field, field_rule, named(field) + " is " + found_kind + ", expected text",
         found->kind == YamlNode::Kind::scalar ? "put it into quotes" : "write one value");
  return std::nullopt;
}

std::optional<bool> FieldReader::boolean(std::string_view field) const {
  const YamlNode *const found = value(field);
  if (found == nullptr) return std::nullopt;
  const std::optional<bool> value = kubelet_boolean(*found);
  if (!value) refuse(field, field_rule, named(field) + " is not a boolean", "write true or false, without quotes");
  return value;
}

std::vector<PlacedText> FieldReader::texts(std::string_view field) const {
  std::vector<PlacedText> values;
  const YamlNode *const found = value(field);
  if (found == nullptr) return values;
  if (found->kind != YamlNode::Kind::sequence) {
    refuse(field, field_rule, named(field) + " is " + std::string(kind_name(*found)) + ", expected a list",
           "write " + std::string(field) + ": [\"first\", \"second\"]");
    return values;
  }
  for (const YamlNode &item : found->items) {
    if (is_kubelet_text(item)) {
      values.push_back({item.text, place(item)});
    } else {
      refuse_at(place(item), field_rule, named(field) + " has an item that is not text", "put the item into quotes");
    }
  }
  return values;
}

const std::vector<YamlNode> &FieldReader::items(std::string_view field) const {
  static const std::vector<YamlNode> none;
  const YamlNode *const found = value(field);
  if (found == nullptr) return none;
  if (found->kind == YamlNode::Kind::sequence) return found->items;
  refuse(field, field_rule, named(field) + " is " + std::string(kind_name(*found)) + ", expected a list",
         "start each item with \"- \"");
  return none;
}

void FieldReader::refuse(std::string_view field, const char *rule, std::string what, std::string cure,
                         Severity severity) const {
  refuse_at(where(field), rule, std::move(what), std::move(cure), severity);
}

void FieldReader::refuse_at(std::string where, const char *rule, std::string what, std::string cure,
                            Severity severity) const {
  findings_.push_back({severity, rule, std::move(where), std::move(what), std::move(cure)});
}

}  // namespace regcred::core
