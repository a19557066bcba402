// SPDX-License-Identifier: Apache-2.0
// A value against a JSON Schema, by the code that `regcred check` uses.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace regcred::test {

// Empty when `value` is valid under `schema`, else the first rule that it breaks.
[[nodiscard]] std::string broken_schema_rule(const nlohmann::json &schema, const nlohmann::json &value);

}  // namespace regcred::test
