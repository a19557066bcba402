// SPDX-License-Identifier: Apache-2.0
// The bodies of json.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <charconv>
#include <cstddef>
#include <regcred/json.hpp>

namespace regcred {

inline std::optional<nlohmann::json> parse_json_object(std::string_view text, int depth_max) {
  bool too_deep = false;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json &) {
    using Event = nlohmann::json::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    too_deep = too_deep || (opens && depth >= depth_max);
    return !too_deep;
  };
  nlohmann::json value = nlohmann::json::parse(text, watch, /*allow_exceptions=*/false);
  if (too_deep || !value.is_object()) return std::nullopt;
  return value;
}

namespace detail {

// One step of json_at(); null when `from` has none such.
[[nodiscard]] inline const nlohmann::json *json_step(const nlohmann::json &from, std::string_view step) {
  if (from.is_object()) {
    const auto found = from.find(step);
    return found == from.end() ? nullptr : &*found;
  }
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  const bool whole = error == std::errc{} && end == step.data() + step.size();
  return from.is_array() && whole && index < from.size() ? &from[index] : nullptr;
}

}  // namespace detail

inline const nlohmann::json *json_at(const nlohmann::json &object, std::string_view path) {
  if (path.empty()) return nullptr;
  const nlohmann::json *at = &object;
  while (true) {
    const std::size_t dot = path.find('.');
    at = detail::json_step(*at, path.substr(0, dot));
    if (at == nullptr || at->is_null()) return nullptr;
    if (dot == std::string_view::npos) return at;
    path.remove_prefix(dot + 1);
  }
}

inline std::string json_text(const nlohmann::json &object, std::string_view name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

}  // namespace regcred
