// SPDX-License-Identifier: Apache-2.0
// Changes entries of a YAML list line by line, so that comments and all other lines stay as they are. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml_tree.hpp"

namespace regcred::core {

// The list of a CredentialProviderConfig.
inline constexpr std::string_view provider_list_key = "providers";

struct ListEdit {
  const std::vector<std::optional<YamlNode>> &kept;  // for each entry of the list: what it becomes; nothing: taken out
  const std::vector<bool> &is_changed;               // for each entry; the others' lines are not touched
  const std::vector<YamlNode> &added;                // behind the last one
};

// `text`, which was read as `document`, with the list `providers` edited. Nothing when that list is not in block style.
// The caller reads the result again: anchors and unusual indentation may spoil it.
[[nodiscard]] std::optional<std::string> edit_block(const std::string &text, const YamlNode &document,
                                                    const ListEdit &edit);

}  // namespace regcred::core
