// SPDX-License-Identifier: Apache-2.0
// A YAML value as JSON, by the core schema of YAML 1.2 (section 10.3.2).
#pragma once

#include <nlohmann/json.hpp>

#include "config/yaml_reader.hpp"

namespace regcred::core {

// Plain scalars become null, booleans (true, True, TRUE, ...), integers (also 0o17 and 0x1F) and floats as YAML 1.2
// says ("yes", "no" and "on" stay text, which YAML 1.1 takes for booleans); quoted ones stay text. Notes a number that
// is too large for 64 bits, and infinities and NaN, which JSON does not have: they want quotes.
[[nodiscard]] nlohmann::ordered_json to_json(const YamlNode &node, ConfigErrors &errors);

}  // namespace regcred::core
