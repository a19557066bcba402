// SPDX-License-Identifier: Apache-2.0
#include "config/drop_in_values.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regcred/text.hpp>

#include "common/ascii.hpp"
#include "common/duration.hpp"
#include "common/key_value.hpp"
#include "common/number.hpp"
#include "common/text.hpp"
#include "config/document_kind.hpp"
#include "config/drop_in_keys.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t slug_bytes_max = 100;
constexpr std::size_t variable_bytes_max = 4096;

// "X_EXAMPLE" and "x_example" to "X-Example".
std::string header_name(std::string_view suffix) {
  std::string name = to_lower(suffix);
  bool starts_word = true;
  for (char &c : name) {
    if (c == '_') c = '-';
    if (starts_word) c = to_upper(c);
    starts_word = c == '-';
  }
  return name;
}

// Splits at commas and white space; no empty words.
std::vector<std::string> words(std::string_view text) {
  constexpr std::string_view separators = ", \t\r\n";
  std::vector<std::string> out;
  while (true) {
    const std::size_t start = text.find_first_not_of(separators);
    if (start == std::string_view::npos) return out;
    text.remove_prefix(start);
    const std::size_t size = std::min(text.find_first_of(separators), text.size());
    out.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
}

// viper's keys know no letter case.
const YamlNode *find_any_case(const YamlNode &mapping, std::string_view key) {
  if (mapping.kind != YamlNode::Kind::mapping) return nullptr;
  for (std::size_t i = 0; i + 1 < mapping.items.size(); i += 2) {
    if (to_lower(mapping.items[i].text) == key) return &mapping.items[i + 1];
  }
  return nullptr;
}

// Replaces a header of the same name in any letter case.
void set_header(std::map<std::string, std::string> &headers, const std::string &name, std::string value) {
  std::erase_if(headers, [&](const auto &entry) { return to_lower(entry.first) == to_lower(name); });
  headers[name] = std::move(value);
}

std::string brief(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

}  // namespace

DropInValues::DropInValues(const Environment &environment, const YamlNode &file, std::string path)
    : environment_(environment), file_(file), path_(std::move(path)) {
  refuse_unknown_keys();
}

void DropInValues::refuse_at(const std::string &where, const std::string &what, std::string cure) {
  if (!error_) error_ = Error{ErrorCode::config, where, what, std::move(cure)};
}

void DropInValues::refuse(std::string_view key, const std::string &what, std::string cure) {
  const std::optional<DropInValue> value = find(key);
  refuse_at(value ? value->where : "environment: " + std::string(key), what, std::move(cure));
}

void DropInValues::refuse_unknown_keys() {
  if (file_.kind == YamlNode::Kind::null) return;
  if (file_.kind != YamlNode::Kind::mapping) {
    return refuse_at(position(path_, file_), "the file is not a mapping", "write \"key: value\" lines");
  }
  if (const auto mistaken = mistaken_document(file_, path_, DocumentKind::replaced_provider)) {
    return refuse_at(position(path_, file_), mistaken->what, mistaken->cure);
  }
  std::vector<std::string_view> known;
  for (const DropInKey &key : drop_in_keys) known.push_back(key.key);
  for (std::size_t i = 0; i < file_.items.size(); i += 2) {
    const YamlNode &key = file_.items[i];
    if (is_drop_in_key(to_lower(key.text))) continue;
    const std::string_view near = nearest(key.text, known);
    return refuse_at(position(path_, key), "unknown key " + in_quotes(without_value(key.text)),
                     near.empty() ? "remove it; org_slug, service_slug, api_host and others are known"
                                  : "did you mean " + std::string(near) + "?");
  }
}

std::optional<DropInValue> DropInValues::find(std::string_view key) const {
  for (const DropInKey &known : drop_in_keys) {
    if (known.key != key) continue;
    for (const std::string_view variable : known.variables) {
      if (variable.empty()) break;
      std::optional<std::string> value = environment_.get(variable);
      if (value) return DropInValue{std::move(*value), "environment: " + std::string(variable), nullptr};
    }
  }
  const YamlNode *const node = find_any_case(file_, key);
  if (node == nullptr || node->kind == YamlNode::Kind::null) return std::nullopt;
  if (node->kind == YamlNode::Kind::scalar && node->text.empty()) return std::nullopt;
  return DropInValue{node->text, position(path_, *node) + ": " + std::string(key), node};
}

std::optional<std::string> DropInValues::text(std::string_view key) {
  std::optional<DropInValue> value = find(key);
  if (!value || error_) return std::nullopt;
  if (value->node != nullptr && value->node->kind != YamlNode::Kind::scalar) {
    refuse_at(value->where, "is not text", "write one value");
    return std::nullopt;
  }
  if (has_control_character(value->text) || !is_utf8(value->text) || value->text.size() > variable_bytes_max) {
    refuse_at(value->where, "holds control characters, bytes that are not UTF-8, or more than 4 KiB",
              "write plain text");
    return std::nullopt;
  }
  return std::move(value->text);
}

void DropInValues::require_slug(std::string_view key, const std::string &value) {
  constexpr std::string_view allowed = "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (value.size() <= slug_bytes_max && value.find_first_not_of(allowed) == std::string::npos) return;
  refuse(key, "is " + in_quotes(value) + ", expected a slug: letters, digits, - and _", "copy it from Cloudsmith");
}

std::optional<std::string> DropInValues::slug(std::string_view key) {
  std::optional<std::string> value = text(key);
  if (value) require_slug(key, *value);
  return value;
}

std::vector<std::string> DropInValues::slugs(std::string_view key) {
  std::vector<std::string> values = list(key);
  for (const std::string &value : values) require_slug(key, value);
  return values;
}

bool DropInValues::flag(std::string_view key) {
  constexpr std::string_view yes[] = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::string_view no[] = {"0", "f", "F", "false", "FALSE", "False"};
  const std::optional<std::string> value = text(key);
  if (!value || std::find(std::begin(no), std::end(no), *value) != std::end(no)) return false;
  if (std::find(std::begin(yes), std::end(yes), *value) != std::end(yes)) return true;
  refuse(key, "is " + in_quotes(*value) + ", expected true or false", "write true or false");
  return false;
}

std::chrono::milliseconds DropInValues::duration(std::string_view key, std::chrono::milliseconds fallback,
                                                 std::chrono::milliseconds smallest) {
  const std::optional<std::string> value = text(key);
  if (!value) return fallback;
  const std::optional<std::chrono::milliseconds> parsed = parse_duration(*value);
  if (parsed && *parsed >= smallest) return *parsed;
  refuse(key,
         "is " + in_quotes(*value) + ", expected a duration" + (smallest.count() > 0 ? " above 0" : " of 0 or more"),
         "write 30s, 1m30s or 500ms");
  return fallback;
}

std::int64_t DropInValues::integer(std::string_view key, std::int64_t fallback, std::int64_t from, std::int64_t to) {
  const std::optional<std::string> value = text(key);
  if (!value) return fallback;
  const std::optional<std::int64_t> parsed = number_of<std::int64_t>(*value);
  if (parsed && *parsed >= from && *parsed <= to) return *parsed;
  refuse(key,
         "is " + in_quotes(*value) + ", expected a whole number from " + std::to_string(from) + " to " +
             std::to_string(to),
         "correct or remove it");
  return fallback;
}

double DropInValues::number(std::string_view key, double fallback, double from, double to) {
  const std::optional<std::string> value = text(key);
  if (!value) return fallback;
  const std::optional<double> parsed = number_of<double>(*value);
  if (parsed && *parsed >= from && *parsed <= to) return *parsed;  // false for NaN
  refuse(key, "is " + in_quotes(*value) + ", expected a number from " + brief(from) + " to " + brief(to),
         "correct or remove it");
  return fallback;
}

std::vector<std::string> DropInValues::list(std::string_view key) {
  const std::optional<DropInValue> value = find(key);
  if (!value || error_) return {};
  if (value->node == nullptr || value->node->kind == YamlNode::Kind::scalar) return words(value->text);
  std::vector<std::string> items;
  for (const YamlNode &item : value->node->items) {
    if (value->node->kind != YamlNode::Kind::sequence || item.kind != YamlNode::Kind::scalar) {
      refuse_at(value->where, "is not a list of texts", "write " + std::string(key) + ": [\"first\", \"second\"]");
      return {};
    }
    items.push_back(item.text);
  }
  return items;
}

std::map<std::string, std::string> DropInValues::headers() {
  std::map<std::string, std::string> headers;
  const auto take = [&](const std::string &name, const std::string &value, const std::string &where) {
    if (!is_utf8(name) || !is_utf8(value) || has_control_character(name) || has_control_character(value)) {
      refuse_at(where, "has control characters or is not UTF-8", "write printable ASCII");
    } else if (name.empty()) {
      refuse_at(where, "holds a header without a name", "write X-Example");
    } else {
      set_header(headers, name, value);
    }
  };
  const auto take_mapping = [&](const YamlNode &mapping, const std::string &where) {
    if (mapping.kind == YamlNode::Kind::null) return;
    bool usable = mapping.kind == YamlNode::Kind::mapping;
    for (std::size_t i = 0; usable && i + 1 < mapping.items.size(); i += 2) {
      usable = mapping.items[i + 1].kind == YamlNode::Kind::scalar;
      take(mapping.items[i].text, mapping.items[i + 1].text, where);
    }
    if (!usable) refuse_at(where, "is not a mapping of header names to texts", "write X-Example: value");
  };

  if (const YamlNode *node = find_any_case(file_, "headers")) take_mapping(*node, position(path_, *node) + ": headers");
  for (std::size_t i = 0; i + 1 < file_.items.size(); i += 2) {
    const std::string key = to_lower(file_.items[i].text);
    if (!key.starts_with(header_key_prefix)) continue;
    const std::string where = position(path_, file_.items[i]) + ": " + printable(key, 64);
    if (file_.items[i + 1].kind != YamlNode::Kind::scalar) refuse_at(where, "is not text", "write one value");
    take(header_name(key.substr(header_key_prefix.size())), file_.items[i + 1].text, where);
  }
  if (const std::optional<DropInValue> value = find("api_headers")) {
    for (const std::string &pair : list("api_headers")) {
      const std::optional<KeyValue> header = split_key_value(pair);
      if (!header) {
        refuse_at(value->where, "holds an item that is not NAME=VALUE", "write X-Example=value,X-Other=value");
        break;
      }
      take(std::string(header->key), std::string(header->value), value->where);
    }
  }
  if (const std::optional<std::string> value = environment_.get("CLOUDSMITH_HEADERS")) {
    // JSON is YAML, and this reader has limits already. The text itself may hold secrets: it is not shown.
    const std::string where = "environment: CLOUDSMITH_HEADERS";
    const Result<YamlNode> parsed = parse_yaml(*value, where);
    if (!parsed || parsed->kind != YamlNode::Kind::mapping) {
      refuse_at(where, "is not a JSON object of header names and values", "write {\"X-Example\": \"value\"}");
    } else {
      take_mapping(*parsed, where);
    }
  }
  for (const auto &[variable, value] : environment_.all()) {
    if (!variable.starts_with(header_variable_prefix) || value.empty()) continue;
    take(header_name(std::string_view(variable).substr(header_variable_prefix.size())), value,
         "environment: " + printable(variable, 128));
  }
  return headers;
}

}  // namespace regcred::core
