// SPDX-License-Identifier: Apache-2.0
#include "config/settings_json.hpp"

#include <array>

#include "common/contains.hpp"
#include "common/number.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> nulls = {"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 3> trues = {"true", "True", "TRUE"};
constexpr std::array<std::string_view, 3> falses = {"false", "False", "FALSE"};
constexpr std::array<std::string_view, 6> unbounded = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};

bool all_digits(std::string_view text, std::string_view digits) {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

constexpr std::string_view decimal = "0123456789";

std::string_view without_sign(std::string_view text) {
  return !text.empty() && (text.front() == '-' || text.front() == '+') ? text.substr(1) : text;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
  text = without_sign(text);
  if (const std::size_t exponent = text.find_first_of("eE"); exponent != std::string_view::npos) {
    if (!all_digits(without_sign(text.substr(exponent + 1)), decimal)) return false;
    text = text.substr(0, exponent);
  }
  const std::size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  const std::string_view part = dot == std::string_view::npos ? "" : text.substr(dot + 1);
  if (!whole.empty() && !all_digits(whole, decimal)) return false;
  if (!part.empty() && !all_digits(part, decimal)) return false;
  return !whole.empty() || !part.empty();
}

std::optional<Json> integer(std::string_view text) {
  if (text.starts_with("0o")) return number_of<std::uint64_t>(text.substr(2), 8);
  if (text.starts_with("0x")) return number_of<std::uint64_t>(text.substr(2), 16);
  if (text.starts_with('-')) return number_of<std::int64_t>(text);
  return number_of<std::uint64_t>(without_sign(text));
}

bool is_integer(std::string_view text) {
  if (text.starts_with("0o")) return all_digits(text.substr(2), "01234567");
  if (text.starts_with("0x")) return all_digits(text.substr(2), "0123456789abcdefABCDEF");
  return all_digits(without_sign(text), decimal);
}

Json scalar_to_json(const YamlNode &node, ConfigErrors &errors) {
  const std::string_view text = node.text;
  if (!node.plain) return node.text;
  if (contains(nulls, text)) return nullptr;
  if (contains(trues, text)) return true;
  if (contains(falses, text)) return false;
  if (is_integer(text)) {
    if (std::optional<Json> value = integer(text)) return *value;
    errors.add(node, "a number beyond 64 bits", "put it into quotes when it is text");
    return nullptr;
  }
  if (is_float(text)) {
    const std::optional<double> value = number_of<double>(text.starts_with('+') ? text.substr(1) : text);
    if (value) return *value;
    errors.add(node, "a number beyond a double's range", "put it into quotes when it is text");
    return nullptr;
  }
  if (contains(unbounded, without_sign(text))) {
    errors.add(node, "an infinity or NaN, which no setting takes", "put it into quotes when it is text");
    return nullptr;
  }
  return node.text;
}

}  // namespace

Json to_json(const YamlNode &node, ConfigErrors &errors) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return nullptr;
    case YamlNode::Kind::scalar:
      return scalar_to_json(node, errors);
    case YamlNode::Kind::sequence: {
      Json array = Json::array();
      for (const YamlNode &item : node.items) array.push_back(to_json(item, errors));
      return array;
    }
    case YamlNode::Kind::mapping: {
      // Duplicate keys never get here, so appending is enough; ordered_json's operator[] would search each time.
      Json::object_t object;
      for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
        object.emplace_back(node.items[i].text, to_json(node.items[i + 1], errors));
      }
      return object;
    }
  }
  return nullptr;
}

}  // namespace regcred::core
