// SPDX-License-Identifier: Apache-2.0
#include "conformance/bad_settings.hpp"

#include <nlohmann/json.hpp>
#include <set>

namespace regcred::conformance {
namespace {

using nlohmann::json;

constexpr const char *unknown_key = "regcredConformanceUnknownKey";

std::set<std::string> types_in_schema(const json &property) {
  std::set<std::string> types;
  if (!property.is_object() || !property.contains("type")) return types;
  const json &type = property["type"];
  for (const json &name : type.is_array() ? type : json::array({type})) {
    if (name.is_string()) types.insert(name == "integer" ? "number" : name.get<std::string>());
  }
  return types;
}

void add_wrong_types(const json &settings, const std::string &key, const std::set<std::string> &right,
                     std::vector<BadSettings> &all) {
  static const std::vector<json> candidates = {7, "text", true, json::array({1}), json::object({{"a", 1}})};
  for (const json &candidate : candidates) {
    const std::string type = candidate.type_name();  // those of JSON Schema
    if (right.count(type) != 0) continue;
    json changed = settings;
    changed[key] = candidate;
    const std::string article = type == "array" || type == "object" ? "an " : "a ";
    all.push_back({BadSettingsKind::wrong_type, article + type + " for settings." + key, changed.dump(), key});
  }
}

}  // namespace

std::vector<BadSettings> bad_settings(const std::string &settings_json, const std::string &schema_json) {
  const json settings = json::parse(settings_json, nullptr, /*allow_exceptions=*/false);
  const json schema = json::parse(schema_json, nullptr, /*allow_exceptions=*/false);
  std::vector<BadSettings> all;
  json with_unknown = settings;
  with_unknown[unknown_key] = "x";
  all.push_back({BadSettingsKind::unknown_key, "the unknown key settings." + std::string(unknown_key),
                 with_unknown.dump(), unknown_key});

  std::set<std::string> keys_done;
  if (schema.is_object() && schema.contains("properties") && schema["properties"].is_object()) {
    for (const auto &[key, property] : schema["properties"].items()) {
      const std::set<std::string> right = types_in_schema(property);
      if (right.empty()) continue;
      add_wrong_types(settings, key, right, all);
      keys_done.insert(key);
    }
  }
  for (const auto &[key, value] : settings.items()) {
    if (keys_done.count(key) == 0) add_wrong_types(settings, key, {value.type_name()}, all);
  }
  for (const char *text : {"[]", "null", "7", "\"text\"", "{", ""}) {
    all.push_back(
        {BadSettingsKind::no_object, std::string("settings that are ") + (*text == 0 ? "empty" : text), text, {}});
  }
  return all;
}

}  // namespace regcred::conformance
