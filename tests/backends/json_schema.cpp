#include "json_schema.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace regcred::test {
namespace {

using nlohmann::json;

bool has_type(const json &value, const std::string &type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  return false;
}

std::string check_string(const json &schema, const std::string &text) {
  if (text.size() < schema.value("minLength", std::size_t{0})) return "minLength";
  if (text.size() > schema.value("maxLength", text.size())) return "maxLength";
  if (schema.contains("pattern") && !std::regex_search(text, std::regex(schema["pattern"].get<std::string>()))) {
    return "pattern";
  }
  return {};
}

std::string check_array(const json &schema, const json &list) {
  if (list.size() < schema.value("minItems", std::size_t{0})) return "minItems";
  if (list.size() > schema.value("maxItems", list.size())) return "maxItems";
  for (const json &item : list) {
    if (std::string broken = broken_schema_rule(schema.value("items", json::object()), item); !broken.empty()) {
      return broken;
    }
  }
  return {};
}

std::string check_object(const json &schema, const json &object) {
  if (object.size() > schema.value("maxProperties", object.size())) return "maxProperties";
  for (const json &key : schema.value("required", json::array())) {
    if (!object.contains(key.get<std::string>())) return "required " + key.get<std::string>();
  }
  const json properties = schema.value("properties", json::object());
  for (const auto &[key, value] : object.items()) {
    if (schema.contains("propertyNames")) {
      if (std::string broken = check_string(schema["propertyNames"], key); !broken.empty()) return broken;
    }
    const json rest = schema.value("additionalProperties", json(true));
    if (properties.contains(key)) {
      if (std::string broken = broken_schema_rule(properties[key], value); !broken.empty()) return key + ": " + broken;
    } else if (rest == json(false)) {
      return "additionalProperties " + key;
    } else if (rest.is_object()) {
      if (std::string broken = broken_schema_rule(rest, value); !broken.empty()) return key + ": " + broken;
    }
  }
  return {};
}

std::string unknown_keyword(const json &schema) {
  static const std::set<std::string> known = {"$schema",       "title",         "description", "default",
                                              "type",          "properties",    "required",    "additionalProperties",
                                              "propertyNames", "maxProperties", "items",       "minItems",
                                              "maxItems",      "pattern",       "minLength",   "maxLength",
                                              "oneOf",         "enum"};
  for (const auto &[key, value] : schema.items()) {
    if (known.count(key) == 0) return "keyword that the tests do not know: " + key;
  }
  return {};
}

}  // namespace

std::string broken_schema_rule(const json &schema, const json &value) {
  if (std::string unknown = unknown_keyword(schema); !unknown.empty()) return unknown;
  if (schema.contains("type") && !has_type(value, schema["type"].get<std::string>())) return "type";
  if (schema.contains("enum") && std::count(schema["enum"].begin(), schema["enum"].end(), value) == 0) return "enum";
  int fitting = 0;
  for (const json &choice : schema.value("oneOf", json::array())) fitting += broken_schema_rule(choice, value).empty();
  if (schema.contains("oneOf") && fitting != 1) return "oneOf";
  if (value.is_string()) return check_string(schema, value.get<std::string>());
  if (value.is_array()) return check_array(schema, value);
  if (value.is_object()) return check_object(schema, value);
  return {};
}

}  // namespace regcred::test
