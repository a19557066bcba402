// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubelet_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/ascii.hpp"
#include "common/number.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view decimal = "0123456789";

// Stops at the first byte that is not JSON, and remembers where.
class JsonPlace final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t &) override { return true; }
  bool string(string_t &) override { return true; }
  bool binary(binary_t &) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t &) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string &, const nlohmann::detail::exception &) override {
    bytes_read = position;
    return false;
  }

  std::size_t bytes_read = 0;  // up to and with the byte that does not belong there
};

bool starts_as_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n\v\f\r");
  return first != std::string_view::npos && text[first] == '{';
}

Status check_json(std::string_view text, const std::string &path) {
  JsonPlace place;
  if (nlohmann::json::sax_parse(text, &place)) return {};
  const std::string_view before = text.substr(0, std::min(place.bytes_read, text.size()));
  const std::size_t line_start = before.substr(0, before.empty() ? 0 : before.size() - 1).rfind('\n');
  const auto line = 1 + std::count(before.begin(), before.end() - (before.empty() ? 0 : 1), '\n');
  const std::size_t column = before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1);
  return fail(ErrorCode::config,
              path + ':' + std::to_string(line) + ':' + std::to_string(std::max<std::size_t>(column, 1)),
              "is not JSON, and the kubelet takes a file that starts with { for JSON alone: it does not start",
              "remove comments, commas before a closing bracket and what follows the last one, and put each text into "
              "double quotes; or write the file as YAML");
}

bool takes_only(std::string_view text, std::string_view digits) {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

// Go's strconv.ParseInt and ParseUint with base 0, together: a sign goes only with what fits 64 bits with it.
bool is_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  const bool has_sign = negative || text.starts_with('+');
  if (has_sign) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text.front() == '0') {
    const char mark = to_lower(text[1]);
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    text.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
  }
  const std::optional<std::uint64_t> value = number_of<std::uint64_t>(text, base);
  if (!value) return false;
  constexpr std::uint64_t half = 1ULL << 63U;
  return !has_sign || (negative ? *value <= half : *value < half);
}

// ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$
bool is_float(std::string_view text) {
  const auto skip_sign = [&] { text.remove_prefix(text.starts_with('-') || text.starts_with('+') ? 1 : 0); };
  const auto skip_digits = [&] {
    const std::size_t count = std::min(text.find_first_not_of(decimal), text.size());
    text.remove_prefix(count);
    return count > 0;
  };
  skip_sign();
  const bool whole = skip_digits();
  const bool point = text.starts_with('.');
  if (point) text.remove_prefix(1);
  const bool part = point && skip_digits();
  if (!whole && !part) return false;
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  skip_sign();
  return takes_only(text, decimal);
}

bool is_number(std::string_view text) {
  for (const std::string_view word :
       {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN"}) {
    if (text == word) return true;
  }
  if (text.empty() || (decimal.find(text.front()) == std::string_view::npos &&
                       std::string_view("+-.").find(text.front()) == std::string_view::npos)) {
    return false;
  }
  if (text.front() == '.') return is_float(text);
  std::string plain(text);
  std::erase(plain, '_');
  return is_integer(plain) || is_float(plain);
}

}  // namespace

Result<YamlNode> parse_kubelet_text(std::string text, const std::string &path) {
  if (starts_as_json(text)) {
    if (const Status valid = check_json(text, path); !valid) return tl::make_unexpected(valid.error());
    std::replace(text.begin(), text.end(), '\t', ' ');  // in JSON between values only, where yaml-cpp refuses some
  }
  return parse_yaml(text, path);
}

std::optional<bool> kubelet_boolean(const YamlNode &node) {
  if (node.kind != YamlNode::Kind::scalar || !node.plain) return std::nullopt;
  for (const std::string_view yes : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"}) {
    if (node.text == yes) return true;
  }
  for (const std::string_view no : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"}) {
    if (node.text == no) return false;
  }
  return std::nullopt;
}

bool is_kubelet_text(const YamlNode &node) {
  return node.kind == YamlNode::Kind::scalar && (!node.plain || (!is_number(node.text) && !kubelet_boolean(node)));
}

}  // namespace regcred::core
