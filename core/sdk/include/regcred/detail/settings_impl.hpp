// SPDX-License-Identifier: Apache-2.0
// The bodies of settings.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <regcred/settings.hpp>
#include <regcred/text.hpp>
#include <utility>

namespace regcred {

inline Settings::Settings(std::string_view json) {
  object_ = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!object_.is_object()) {
    note(Failure{Code::bad_config, "settings must be a mapping of keys to values"});
    object_ = nlohmann::json::object();
  }
}

inline bool Settings::has(std::string_view key) const { return object_.find(key) != object_.end(); }

inline std::optional<std::string> Settings::text(std::string_view key) {
  const nlohmann::json *value = take(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) return reject(key, "a string");
  return value->get<std::string>();
}

inline std::optional<std::int64_t> Settings::number(std::string_view key) {
  const nlohmann::json *value = take(key);
  if (value == nullptr) return std::nullopt;
  // nlohmann keeps what does not fit into 64 bits with a sign as unsigned, and would wrap it around.
  const bool fits = !value->is_number_unsigned() || value->get<std::uint64_t>() <= 0x7FFF'FFFF'FFFF'FFFFULL;
  if (!value->is_number_integer() || !fits) return reject(key, "a whole number");
  return value->get<std::int64_t>();
}

inline std::optional<bool> Settings::boolean(std::string_view key) {
  const nlohmann::json *value = take(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) return reject(key, "true or false");
  return value->get<bool>();
}

inline std::vector<std::string> Settings::texts(std::string_view key) {
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

inline std::map<std::string, std::string> Settings::text_map(std::string_view key) {
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

template <class Read>
Result<void> Settings::each(std::string_view key, Read &&read) {
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

inline Result<void> Settings::finish() const {
  if (failure_) return tl::make_unexpected(*failure_);
  for (const auto &[key, value] : object_.items()) {
    if (known_.count(key) == 0) return failure(Code::bad_config, unknown_key(key));
  }
  return {};
}

inline Settings::Settings(nlohmann::json object, std::string where)
    : object_(std::move(object)), where_(std::move(where)) {}

inline const nlohmann::json *Settings::take(std::string_view key) {
  known_.emplace(key);
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

inline void Settings::note(Failure failure) {
  if (!failure_) failure_ = std::move(failure);
}

inline std::nullopt_t Settings::reject(std::string_view key, std::string_view expected) {
  note(Failure{Code::bad_config,
               where_ + "." + std::string(key) + ": must be " + std::string(expected) + "; correct it in the entry"});
  return std::nullopt;
}

inline std::string Settings::unknown_key(const std::string &written) const {
  const std::string key = without_value(written);
  constexpr std::size_t key_bytes_max = 64;
  const bool plain = key.size() <= key_bytes_max &&
                     std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~' && c != '"'; });
  std::string text = where_ + "." + (plain ? key : shown(key, key_bytes_max)) + ": unknown setting; this backend knows";
  const char *separator = " ";
  for (const std::string &name : known_) {
    text += separator + name;
    separator = ", ";
  }
  return text;
}

}  // namespace regcred
