// SPDX-License-Identifier: Apache-2.0
// Reads typed values out of a YamlNode and notes everything that is wrong, each with its place.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml_tree.hpp"

namespace regcred::core {

// What is wrong in one file, in the order found. Reading goes on after an error, so that an operator sees all of them.
class ConfigErrors {
 public:
  explicit ConfigErrors(std::string origin) : origin_(std::move(origin)) {}

  // Notes ErrorCode::config at `node`: "ORIGIN:LINE:COLUMN: what; cure".
  void add(const YamlNode &node, std::string what, std::string cure = {});

  [[nodiscard]] const std::string &origin() const noexcept { return origin_; }
  [[nodiscard]] const std::vector<Error> &all() const noexcept { return all_; }

 private:
  std::string origin_;
  std::vector<Error> all_;
};

// One mapping with a closed set of keys. `path` names it in messages ("registries[0].cache"); empty for the document.
class MappingReader {
 public:
  // Notes when `node` is not a mapping, and every key that is not among `keys`, with the nearest that is.
  MappingReader(const YamlNode &node, std::string path, std::span<const std::string_view> keys, ConfigErrors &errors);

  [[nodiscard]] const YamlNode &node() const noexcept { return node_; }

  // The value of `key`; null when the key is absent or has no value ("key:").
  [[nodiscard]] const YamlNode *value(std::string_view key) const;

  // Each returns nothing when the key is absent, and notes a value of another type.
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const;                    // a scalar
  [[nodiscard]] std::optional<std::vector<std::string>> texts(std::string_view key) const;      // a list of scalars
  [[nodiscard]] std::optional<std::chrono::milliseconds> duration(std::string_view key) const;  // 0 or more
  [[nodiscard]] std::optional<bool> flag(std::string_view key) const;  // true or false, not in quotes
  // A whole number of `least` to `most`, not in quotes.
  [[nodiscard]] std::optional<std::uint64_t> count(std::string_view key, std::uint64_t least, std::uint64_t most) const;
  // One of `words`.
  [[nodiscard]] std::optional<std::string> word(std::string_view key, std::span<const std::string_view> words) const;

  // Notes something about the value of `key` (or about the mapping, when the key is absent).
  void refuse(std::string_view key, const std::string &what, std::string cure) const;
  // `path` and `key`, as messages name it.
  [[nodiscard]] std::string name(std::string_view key) const;

 private:
  const YamlNode &node_;
  std::string path_;
  ConfigErrors &errors_;
};

// "a mapping", "a list", "text", "nothing": for messages about types.
[[nodiscard]] std::string_view kind_name(const YamlNode &node);

}  // namespace regcred::core
