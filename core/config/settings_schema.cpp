// SPDX-License-Identifier: Apache-2.0
#include "config/settings_schema.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "common/contains.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::json;

constexpr std::size_t violations_max = 20;

// valijson's {"<root>", "[headers]", "[0]"} as "headers/0".
std::string path_of(const std::vector<std::string> &context) {
  std::string path;
  for (std::size_t i = 1; i < context.size(); ++i) {
    std::string_view step = context[i];
    if (step.starts_with('[') && step.ends_with(']')) step = step.substr(1, step.size() - 2);
    path += (path.empty() ? "" : "/") + std::string(step);
  }
  return path;
}

// valijson's message about a rule's parent, when the rule itself was reported.
bool is_summary(std::string_view text) {
  return text.starts_with("Failed to validate against schema") || text.starts_with("Failed to validate item") ||
         text.starts_with("Failed to validate against additional") ||
         text.starts_with("Failed to validate against child");
}

// The library's messages in ours; an unknown one stays as it is.
std::string in_our_words(const std::string &text) {
  if (text.starts_with("Value type not permitted")) return "is of the wrong type";
  if (text.starts_with("Failed to match regex")) return "is not of the form that the backend asks for";
  if (text.ends_with("exactly one child schema."))
    return "fit more than one of the alternatives in the backend's schema";
  if (text.starts_with("Failed to match against any enum")) return "is none of the possible values";
  if (const std::string_view missing = "Missing required property "; text.starts_with(missing)) {
    return "lack " + text.substr(missing.size(), text.size() - missing.size() - (text.ends_with('.') ? 1 : 0));
  }
  return "break a rule of the backend's schema: " + text;
}

std::string description_of(const Json &schema, const std::string &path) {
  const std::string key = path.substr(0, path.find('/'));
  const auto properties = schema.find("properties");
  if (key.empty() || properties == schema.end() || !properties->contains(key)) return {};
  const Json &property = (*properties)[key];
  return property.is_object() ? property.value("description", "") : "";
}

// What follows from `node` by one step of a path: of a schema its rule for that step, of a value the value there.
const Json *rule_at(const Json &schema, const std::string &step) {
  if (!schema.is_object()) return nullptr;
  if (const auto properties = schema.find("properties");
      properties != schema.end() && properties->is_object() && properties->contains(step)) {
    return &(*properties)[step];
  }
  for (const char *rest : {"items", "additionalProperties"}) {
    if (const auto found = schema.find(rest); found != schema.end()) return &*found;
  }
  return nullptr;
}

const Json *value_at(const Json &value, const std::string &step) {
  if (value.is_object()) return value.contains(step) ? &value[step] : nullptr;
  if (!value.is_array() || step.empty() || step.size() > 6) return nullptr;
  if (step.find_first_not_of("0123456789") != std::string::npos) return nullptr;
  const std::size_t index = std::stoul(step);
  return index < value.size() ? &value[index] : nullptr;
}

bool takes_text(const Json &rule) {
  const auto type = rule.is_object() ? rule.find("type") : rule.end();
  if (!rule.is_object() || type == rule.end()) return false;
  return *type == "string" || (type->is_array() && contains(*type, "string"));
}

// Whether text is wanted at `path`, and a scalar of another type is there.
bool needs_quotes(const Json &schema, const Json &settings, std::string_view path) {
  const Json *rule = &schema;
  const Json *value = &settings;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string step(path.substr(0, slash));
    rule = rule_at(*rule, step);
    value = value_at(*value, step);
    if (rule == nullptr || value == nullptr) return false;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return takes_text(*rule) && (value->is_number() || value->is_boolean());
}

void find_annotation_keys(const Json &schema, const Json &value, const std::string &path,
                          std::vector<AnnotationSetting> &found) {
  if (value.is_string() && schema.is_object() && schema.value("format", Json()) == "annotation-key") {
    found.push_back({path, value.get<std::string>()});
  }
  if (!value.is_structured()) return;
  for (const auto &[step, inner] : value.items()) {
    const Json *rule = rule_at(schema, step);
    if (rule != nullptr) find_annotation_keys(*rule, inner, path.empty() ? step : path + '/' + step, found);
  }
}

void find_unknown_keys(const Json &schema, const Json &settings, std::vector<SchemaViolation> &violations) {
  if (!schema.value("additionalProperties", Json(true)).is_boolean() || schema.value("additionalProperties", true) ||
      !settings.is_object()) {
    return;
  }
  const Json properties = schema.value("properties", Json::object());
  std::vector<std::string> names;
  for (const auto &[name, property] : properties.items()) names.push_back(name);
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const auto &[key, value] : settings.items()) {
    if (properties.contains(key)) continue;
    const std::string_view near = nearest(key, known);
    violations.push_back({without_value(key),
                          "is not a setting of this backend" +
                              (near.empty() ? std::string() : "; did you mean " + std::string(near) + "?"),
                          "", true});
  }
}

// What valijson found, in our words, behind the unknown keys that `violations` has already.
void add_broken_rules(const Json &schema, const Json &settings, valijson::ValidationResults &results,
                      std::vector<SchemaViolation> &violations) {
  const bool unknown_keys = !violations.empty();
  bool alternatives = false;
  std::string property;  // the last one that does not fit
  std::vector<SchemaViolation> found;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    const bool is_alternatives = error.description.find("any child schemas") != std::string::npos;
    if (is_alternatives) {
      // The messages about each alternative come before this one; together they are one finding.
      found.clear();
      alternatives = true;
      continue;
    }
    const bool is_unknown = error.description.find("could not be validated using 'properties'") != std::string::npos;
    const std::string_view of_property = "property name '";
    if (const std::size_t at = error.description.find(of_property); at != std::string::npos) {
      property = error.description.substr(at + of_property.size());
      property.resize(std::min(property.size(), property.find('\'')));
    }
    if (is_summary(error.description) || (is_unknown && unknown_keys)) continue;
    const std::string path = path_of(error.context);
    const bool quotes = error.description.starts_with("Value type not") && needs_quotes(schema, settings, path);
    found.push_back({path, quotes ? "is a number or a boolean, expected text" : in_our_words(error.description),
                     description_of(schema, path), false, quotes});
  }
  // Some rules (propertyNames) are reported by their parent alone.
  if (found.empty() && !alternatives && !unknown_keys) found.push_back({property, "breaks a rule of the schema", {}});
  if (alternatives) found.push_back({"", "fit none of the alternatives in the backend's schema", ""});
  std::move(found.begin(), found.end(), std::back_inserter(violations));
}

}  // namespace

struct SettingsSchema::Compiled {
  Json json;
  valijson::Schema rules;
  valijson::Validator validator;  // keeps the regular expressions that it has compiled
  std::string broken;             // why the text is not a schema
};

SettingsSchema::SettingsSchema(const std::string &text) : compiled_(std::make_unique<Compiled>()) {
  try {
    compiled_->json = Json::parse(text, nullptr, false);
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(compiled_->json), compiled_->rules);
  } catch (const std::exception &error) {  // valijson throws what it cannot read
    compiled_->broken = error.what();
  }
}

SettingsSchema::~SettingsSchema() = default;

Result<std::vector<SchemaViolation>> SettingsSchema::violations(const std::string &settings_text) {
  const Json settings = Json::parse(settings_text, nullptr, false);
  std::vector<SchemaViolation> violations;
  std::string &broken = compiled_->broken;
  try {
    valijson::ValidationResults results;
    if (broken.empty()) find_unknown_keys(compiled_->json, settings, violations);
    if (broken.empty() &&
        !compiled_->validator.validate(compiled_->rules, valijson::adapters::NlohmannJsonAdapter(settings), &results)) {
      add_broken_rules(compiled_->json, settings, results, violations);
    }
  } catch (const std::exception &error) {  // std::regex throws what it cannot read
    broken = error.what();
  }
  if (!broken.empty()) {
    return fail(ErrorCode::backend_load, "settings schema", "cannot be used: " + broken,
                "report this to the maintainers of the backend");
  }
  std::set<std::string> seen;
  std::vector<SchemaViolation> once;
  for (SchemaViolation &violation : violations) {
    if (once.size() < violations_max && seen.insert(violation.path + '\n' + violation.what).second) {
      once.push_back(std::move(violation));
    }
  }
  return once;
}

std::vector<AnnotationSetting> SettingsSchema::annotation_keys(const std::string &settings) const {
  std::vector<AnnotationSetting> found;
  find_annotation_keys(compiled_->json, Json::parse(settings, nullptr, false), {}, found);
  return found;
}

}  // namespace regcred::core
