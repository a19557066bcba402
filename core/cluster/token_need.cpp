// SPDX-License-Identifier: Apache-2.0
#include "cluster/token_need.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/contains.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::json;

constexpr const char *keyword = "x-regcred-tokenIsPassword";

bool has_keyword(const Json &schema) {
  if (!schema.is_object()) return false;
  const auto found = schema.find(keyword);
  return found != schema.end() && found->is_boolean() && found->get<bool>();
}

bool allows(const Json &property, const Json &value) {
  if (!property.is_object()) return true;
  if (const auto fixed = property.find("const"); fixed != property.end()) return *fixed == value;
  const auto words = property.find("enum");
  return words == property.end() || !words->is_array() || contains(*words, value);
}

bool in_use(const Json &branch, const Json &settings) {
  const auto properties = branch.find("properties");
  if (properties == branch.end() || !properties->is_object()) return true;
  const auto items = properties->items();
  return std::all_of(items.begin(), items.end(), [&](const auto &property) {
    const auto value = settings.find(property.key());
    return value == settings.end() || allows(property.value(), *value);
  });
}

}  // namespace

bool passes_token_through(const RegistryEntry &entry, const SurveyedBackend &backend) {
  const Json schema = Json::parse(backend.settings_schema, nullptr, /*allow_exceptions=*/false);
  const Json settings = Json::parse(entry.settings_json, nullptr, /*allow_exceptions=*/false);
  if (has_keyword(schema)) return true;
  if (!schema.is_object() || !settings.is_object()) return false;
  const auto branches = schema.find("oneOf");
  return branches != schema.end() && branches->is_array() &&
         std::any_of(branches->begin(), branches->end(),
                     [&](const Json &branch) { return has_keyword(branch) && in_use(branch, settings); });
}

}  // namespace regcred::core
