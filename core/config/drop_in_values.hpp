// SPDX-License-Identifier: Apache-2.0
// The values of drop-in mode, typed: variable before file before default.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "config/environment.hpp"
#include "config/yaml_tree.hpp"

namespace regcred::core {

// One value as written, and its place: "environment: CLOUDSMITH_ORG_SLUG" or "FILE:3:1: org_slug".
struct DropInValue {
  std::string text;
  std::string where;
  const YamlNode *node = nullptr;  // of a file: a list or a mapping
};

// Looks values up and keeps the first error; after one, every getter gives the default. Refers to its arguments.
class DropInValues {
 public:
  // `file` is the root of the file at `path`, Kind::null when there is none.
  DropInValues(const Environment &environment, const YamlNode &file, std::string path);

  // Empty when neither variable nor key is set, or set to nothing.
  [[nodiscard]] std::optional<DropInValue> find(std::string_view key) const;

  [[nodiscard]] std::optional<std::string> text(std::string_view key);
  [[nodiscard]] std::optional<std::string> slug(std::string_view key);
  [[nodiscard]] bool flag(std::string_view key);  // Go's strconv.ParseBool: 1, t, true, 0, f, false, ...
  [[nodiscard]] std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds fallback,
                                                   std::chrono::milliseconds smallest);
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t from, std::int64_t to);
  [[nodiscard]] double number(std::string_view key, double fallback, double from, double to);
  // A list in the file; words with commas or spaces between in a variable (or in the file).
  [[nodiscard]] std::vector<std::string> list(std::string_view key);
  [[nodiscard]] std::vector<std::string> slugs(std::string_view key);  // a list of them
  // All request headers, by name: `headers`, header_NAME, api_headers, CLOUDSMITH_HEADERS, CLOUDSMITH_HEADER_NAME, a
  // later one of these replacing an earlier one of the same name in any letter case.
  [[nodiscard]] std::map<std::string, std::string> headers();

  void refuse(std::string_view key, const std::string &what, std::string cure);
  [[nodiscard]] const std::optional<Error> &error() const noexcept { return error_; }

 private:
  void require_slug(std::string_view key, const std::string &value);
  void refuse_at(const std::string &where, const std::string &what, std::string cure);
  void refuse_unknown_keys();

  const Environment &environment_;
  const YamlNode &file_;
  std::string path_;
  std::optional<Error> error_;
};

}  // namespace regcred::core
