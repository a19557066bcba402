// SPDX-License-Identifier: Apache-2.0
// One file of a CredentialProviderConfig, field by field. Internal to this folder: see provider_config.hpp.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/provider_config.hpp"
#include "config/yaml_tree.hpp"

namespace regcred::core {

// Reads the fields of one mapping as the kubelet's decoder does, and notes what the decoder would refuse.
class FieldReader {
 public:
  // Notes keys that are not among `fields`. `name` is the mapping's name in messages: "providers[0]"; empty for the
  // document.
  FieldReader(const YamlNode &node, std::string name, std::initializer_list<std::string_view> fields,
              const std::string &file, KubernetesVersion version, std::vector<Finding> &findings);

  // The value of a field; null when it is absent or null, which the decoder treats alike.
  [[nodiscard]] const YamlNode *value(std::string_view field) const;
  // Whether the field exists, with a value or without.
  [[nodiscard]] bool is_written(std::string_view field) const;
  // "FILE:LINE:COLUMN" of the field's value, or of the mapping when it is absent.
  [[nodiscard]] std::string where(std::string_view field) const;
  [[nodiscard]] std::string place(const YamlNode &node) const { return position(file_, node); }
  [[nodiscard]] std::string named(std::string_view field) const;

  [[nodiscard]] std::optional<std::string> text(std::string_view field) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view field) const;
  // The items, each a text; empty when absent.
  [[nodiscard]] std::vector<PlacedText> texts(std::string_view field) const;
  // The items of a list of mappings; empty when absent.
  [[nodiscard]] const std::vector<YamlNode> &items(std::string_view field) const;

  void refuse(std::string_view field, const char *rule, std::string what, std::string cure,
              Severity severity = Severity::error) const;
  void refuse_at(std::string where, const char *rule, std::string what, std::string cure,
                 Severity severity = Severity::error) const;

  [[nodiscard]] KubernetesVersion version() const { return version_; }

 private:
  const YamlNode &node_;
  std::string name_;
  const std::string &file_;
  KubernetesVersion version_;
  std::vector<Finding> &findings_;
};

// Reads one item of `providers`. `config_api_version` is that of its file.
[[nodiscard]] KubeletProvider read_provider(const YamlNode &node, const std::string &name, const std::string &file,
                                            std::string_view config_api_version, KubernetesVersion version,
                                            std::vector<Finding> &findings);

}  // namespace regcred::core
