// SPDX-License-Identifier: Apache-2.0
#include "backends/json_schema.hpp"

#include "config/settings_schema.hpp"

namespace regcred::test {

std::string broken_schema_rule(const nlohmann::json &schema, const nlohmann::json &value) {
  const auto text_of = [](const nlohmann::json &json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  const auto violations = core::SettingsSchema(text_of(schema)).violations(text_of(value));
  if (!violations) return violations.error().what;
  return violations->empty() ? "" : violations->front().path + ' ' + violations->front().what;
}

}  // namespace regcred::test
