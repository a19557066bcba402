// SPDX-License-Identifier: Apache-2.0
// How the kubelet's decoder reads a file's bytes, and words without quotes.
//
// Sources: pkg/runtime/serializer of k8s.io/apimachinery; goyaml.v2/resolve.go of sigs.k8s.io/yaml.
#pragma once

#include <optional>
#include <string>

#include "common/result.hpp"
#include "config/yaml_tree.hpp"

namespace regcred::core {

// The tree of the file at `path`. What starts with "{" is JSON alone to the kubelet, all else YAML. Fails as parse_yaml
// does.
[[nodiscard]] Result<YamlNode> parse_kubelet_text(std::string text, const std::string &path);

// A scalar without quotes that is a boolean: "yes", "off" and "n" among them.
[[nodiscard]] std::optional<bool> kubelet_boolean(const YamlNode &node);

// Whether the decoder takes `node` for text. Numbers without quotes are not text: 0x1F, 0b1, 1_000, .5, .inf, 1e3 among
// them. A date is text.
[[nodiscard]] bool is_kubelet_text(const YamlNode &node);

}  // namespace regcred::core
