// SPDX-License-Identifier: Apache-2.0
// An entry's settings against the JSON Schema that its backend declares.
#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"

namespace regcred::core {

// One rule of a schema that a value breaks.
struct SchemaViolation {
  std::string path;         // "registryHosts/1"; empty for the settings as a whole
  std::string what;         // without quoting the value
  std::string description;  // what the schema says of this setting; may be empty
  bool is_unknown_key = false;
  bool needs_quotes = false;  // a number or a boolean stands where text is wanted
};

// All rules of `schema` (JSON Schema, draft 2020-12 as far as valijson knows it) that `settings` breaks, each once; of
// alternatives (oneOf) only that none fits. Unknown keys come with the nearest known one. Both are JSON text. Fails
// with ErrorCode::backend_load when `schema` is not a schema. Deep or long values cost stack: call it in a worker.
[[nodiscard]] Result<std::vector<SchemaViolation>> schema_violations(const std::string &schema,
                                                                     const std::string &settings);

}  // namespace regcred::core
