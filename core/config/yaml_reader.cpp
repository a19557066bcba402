// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_reader.hpp"

#include "common/contains.hpp"
#include "common/duration.hpp"
#include "common/join.hpp"
#include "common/number.hpp"
#include "common/text.hpp"

namespace regcred::core {

void ConfigErrors::add(const YamlNode &node, std::string what, std::string cure) {
  all_.push_back({ErrorCode::config, position(origin_, node), std::move(what), std::move(cure)});
}

std::string_view kind_name(const YamlNode &node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "text";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::mapping:
      return "a mapping";
  }
  return "";
}

MappingReader::MappingReader(const YamlNode &node, std::string path, std::span<const std::string_view> keys,
                             ConfigErrors &errors)
    : node_(node), path_(std::move(path)), errors_(errors) {
  if (node.kind != YamlNode::Kind::mapping) {
    errors_.add(
        node, (path_.empty() ? "the file" : path_) + " holds " + std::string(kind_name(node)) + ", expected a mapping",
        "write \"key: value\" lines; its keys are " + either(keys));
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); i += 2) {
    const YamlNode &key = node.items[i];
    if (contains(keys, key.text)) continue;
    const std::string_view near = nearest(key.text, keys);
    errors_.add(key, "unknown key " + in_quotes(without_value(key.text)) + (path_.empty() ? "" : " in " + path_),
                near.empty() ? "the keys here are " + either(keys) : "did you mean " + std::string(near) + "?");
  }
}

const YamlNode *MappingReader::value(std::string_view key) const {
  const YamlNode *const found = node_.find(key);
  return found == nullptr || found->kind == YamlNode::Kind::null ? nullptr : found;
}

std::string MappingReader::name(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + '.' + std::string(key);
}

void MappingReader::refuse(std::string_view key, const std::string &what, std::string cure) const {
  const YamlNode *const found = node_.find(key);
  errors_.add(found == nullptr ? node_ : *found, name(key) + ' ' + what, std::move(cure));
}

std::optional<std::string> MappingReader::text(std::string_view key) const {
  const YamlNode *const found = value(key);
  if (found == nullptr) return std::nullopt;
  if (found->kind == YamlNode::Kind::scalar) return found->text;
  refuse(key, "is " + std::string(kind_name(*found)) + ", expected text", "write one value");
  return std::nullopt;
}

std::optional<std::vector<std::string>> MappingReader::texts(std::string_view key) const {
  const YamlNode *const found = value(key);
  if (found == nullptr) return std::nullopt;
  if (found->kind != YamlNode::Kind::sequence) {
    refuse(key, "is " + std::string(kind_name(*found)) + ", expected a list",
           "write " + std::string(key) + ": [\"first\", \"second\"]");
    return std::nullopt;
  }
  std::vector<std::string> values;
  for (const YamlNode &item : found->items) {
    if (item.kind == YamlNode::Kind::scalar) {
      values.push_back(item.text);
    } else {
      errors_.add(item, name(key) + " has " + std::string(kind_name(item)) + " among its items, expected text",
                  "put the item into quotes");
    }
  }
  return values;
}

std::optional<std::chrono::milliseconds> MappingReader::duration(std::string_view key) const {
  const std::optional<std::string> written = text(key);
  if (!written) return std::nullopt;
  const std::optional<std::chrono::milliseconds> value = parse_duration(*written);
  if (value && value->count() >= 0) return value;
  refuse(key, "is " + in_quotes(*written) + ", expected a duration", "write 45s, 1h30m or 500ms");
  return std::nullopt;
}

std::optional<bool> MappingReader::flag(std::string_view key) const {
  const std::optional<std::string> written = text(key);
  if (!written) return std::nullopt;
  if (value(key)->plain && (*written == "true" || *written == "false")) return *written == "true";
  refuse(key, "is " + in_quotes(*written) + ", expected true or false", "write one of these, without quotes");
  return std::nullopt;
}

std::optional<std::uint64_t> MappingReader::count(std::string_view key, std::uint64_t least, std::uint64_t most) const {
  const std::optional<std::string> written = text(key);
  if (!written) return std::nullopt;
  const std::optional<std::uint64_t> number = number_of<std::uint64_t>(*written);
  if (value(key)->plain && number && *number >= least && *number <= most) return number;
  refuse(key,
         "is " + in_quotes(*written) + ", expected a whole number of " + std::to_string(least) + " to " +
             std::to_string(most),
         "write digits only, without quotes");
  return std::nullopt;
}

std::optional<std::string> MappingReader::word(std::string_view key, std::span<const std::string_view> words) const {
  std::optional<std::string> written = text(key);
  if (!written || contains(words, *written)) return written;
  const std::string_view near = nearest(*written, words);
  refuse(key, "is " + in_quotes(*written) + ", expected " + either(words),
         near.empty() ? "write one of these" : "did you mean " + std::string(near) + "?");
  return std::nullopt;
}

}  // namespace regcred::core
