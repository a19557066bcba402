// As much of JSON Schema as the backends' schemas use.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace regcred::test {

// Empty when `value` is valid under `schema`, else the first rule that it breaks. Knows: type, properties, required,
// additionalProperties, propertyNames, maxProperties, items, minItems, maxItems, pattern, minLength, maxLength, oneOf,
// enum. Any other keyword but the describing ones is an error, so that a schema cannot use what the tests do not check.
[[nodiscard]] std::string broken_schema_rule(const nlohmann::json &schema, const nlohmann::json &value);

}  // namespace regcred::test
