// SPDX-License-Identifier: Apache-2.0
// Settings: the `settings` object of one registry entry, read key by key. What nobody reads is an error.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/result.hpp>
#include <regcred/text.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred {

// Reads each key at most once and remembers it. The first wrong type is kept and reported by finish(), so that a
// create() function reads straight down without a check after each line:
//
//   Settings s = ...;                               // given by the SDK
//   config.org = s.text("orgSlug");                 // absent: nullopt
//   config.host = s.text("apiHost").value_or("api.example.com");
//   // the SDK calls finish() after create(): unknown keys and wrong types become BAD_CONFIG
//
// Keys are those of the operator's YAML. A key without a value (null) is of a wrong type, not absent: the JSON Schema
// would refuse it, too. Not thread-safe.
class Settings {
 public:
  // `json` must be a JSON object; anything else is reported by finish().
  explicit Settings(std::string_view json) {
    object_ = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
    if (!object_.is_object()) {
      note(Failure{Code::bad_config, "settings must be a mapping of keys to values"});
      object_ = nlohmann::json::object();
    }
  }

  // Whether the key is there, of whatever type: tells an empty list from none.
  [[nodiscard]] bool has(std::string_view key) const { return object_.find(key) != object_.end(); }

  // A string; nullopt when the key is absent.
  [[nodiscard]] std::optional<std::string> text(std::string_view key) {
    const nlohmann::json *value = take(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) return reject(key, "a string");
    return value->get<std::string>();
  }

  // A whole number; nullopt when the key is absent.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view key) {
    const nlohmann::json *value = take(key);
    if (value == nullptr) return std::nullopt;
    // nlohmann keeps what does not fit into 64 bits with a sign as unsigned, and would wrap it around.
    const bool fits = !value->is_number_unsigned() || value->get<std::uint64_t>() <= 0x7FFF'FFFF'FFFF'FFFFULL;
    if (!value->is_number_integer() || !fits) return reject(key, "a whole number");
    return value->get<std::int64_t>();
  }

  // true or false; nullopt when the key is absent.
  [[nodiscard]] std::optional<bool> boolean(std::string_view key) {
    const nlohmann::json *value = take(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_boolean()) return reject(key, "true or false");
    return value->get<bool>();
  }

  // A list of strings; empty when the key is absent.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) {
    const nlohmann::json *value = take(key);
    if (value == nullptr) return {};
    std::vector<std::string> list;
    for (const nlohmann::json &item : *value) {
      if (!value->is_array() || !item.is_string()) {
        reject(key, "a list of strings");
        return {};
      }
      list.push_back(item.get<std::string>());
    }
    if (!value->is_array()) reject(key, "a list of strings");
    return list;
  }

  // A mapping of strings to strings; empty when the key is absent.
  [[nodiscard]] std::map<std::string, std::string> text_map(std::string_view key) {
    const nlohmann::json *value = take(key);
    if (value == nullptr) return {};
    std::map<std::string, std::string> map;
    if (!value->is_object()) {
      reject(key, "a mapping of strings to strings");
      return {};
    }
    for (const auto &[name, item] : value->items()) {
      if (!item.is_string()) {
        reject(key, "a mapping of strings to strings");
        return {};
      }
      map.emplace(name, item.get<std::string>());
    }
    return map;
  }

  // A list of mappings: calls read(item) for each in order, Result<void>(Settings &), and looks for wrong types and
  // unknown keys of the item as is done at the top. Messages call the item settings.KEY[0], as item.where() does.
  // Gives the first failure; an absent key is an empty list.
  template <class Read>
  [[nodiscard]] Result<void> each(std::string_view key, Read &&read) {
    const nlohmann::json *list = take(key);
    if (list == nullptr) return {};
    const auto is_mapping = [](const nlohmann::json &item) { return item.is_object(); };
    if (!list->is_array() || !std::all_of(list->begin(), list->end(), is_mapping)) {
      reject(key, "a list of mappings");
      return tl::make_unexpected(*failure_);
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      Settings item((*list)[i], where_ + "." + std::string(key) + "[" + std::to_string(i) + "]");
      Result<void> made = read(item);
      if (item.failure_) return tl::make_unexpected(*item.failure_);
      if (!made) return made;
      if (Result<void> done = item.finish(); !done) return done;
    }
    return {};
  }

  // What messages call this mapping: "settings", or "settings.KEY[0]" inside each().
  [[nodiscard]] const std::string &where() const noexcept { return where_; }

  // The first value of a wrong type so far, as BAD_CONFIG.
  [[nodiscard]] const std::optional<Failure> &wrong_type() const noexcept { return failure_; }

  // BAD_CONFIG for the first wrong type, else for the first key that nobody asked for, else success. Called by the
  // SDK after a successful create(); a backend that creates itself in a test calls it too.
  [[nodiscard]] Result<void> finish() const {
    if (failure_) return tl::make_unexpected(*failure_);
    for (const auto &[key, value] : object_.items()) {
      if (known_.count(key) == 0) return failure(Code::bad_config, unknown_key(key));
    }
    return {};
  }

 private:
  Settings(nlohmann::json object, std::string where) : object_(std::move(object)), where_(std::move(where)) {}

  const nlohmann::json *take(std::string_view key) {
    known_.emplace(key);
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }

  void note(Failure failure) {
    if (!failure_) failure_ = std::move(failure);
  }

  std::nullopt_t reject(std::string_view key, std::string_view expected) {
    note(Failure{Code::bad_config,
                 where_ + "." + std::string(key) + ": must be " + std::string(expected) + "; correct it in the entry"});
    return std::nullopt;
  }

  [[nodiscard]] std::string unknown_key(const std::string &written) const {
    const std::string key = without_value(written);
    constexpr std::size_t key_bytes_max = 64;
    const bool plain = key.size() <= key_bytes_max &&
                       std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~' && c != '"'; });
    std::string text =
        where_ + "." + (plain ? key : shown(key, key_bytes_max)) + ": unknown setting; this backend knows";
    const char *separator = " ";
    for (const std::string &name : known_) {
      text += separator + name;
      separator = ", ";
    }
    return text;
  }

  nlohmann::json object_;
  std::string where_ = "settings";
  std::set<std::string, std::less<>> known_;
  std::optional<Failure> failure_;
};

}  // namespace regcred
