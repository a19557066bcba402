// SPDX-License-Identifier: Apache-2.0
// JSON from outside: hostile until it has been read here.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace regcred {

// `text` as a JSON object that nests at most `depth_max` containers, itself included; nullopt for everything else. The
// limit bounds the depth of recursion over the value.
[[nodiscard]] inline std::optional<nlohmann::json> parse_json_object(std::string_view text, int depth_max = 32);

// The value at `path`, whose dots step into inner objects and, as numbers from 0, into arrays:
// "authorizationData.0.authorizationToken". Null when there is none, and when it is JSON's null. Lives in `object`.
[[nodiscard]] inline const nlohmann::json *json_at(const nlohmann::json &object, std::string_view path);

// The text at the key `name` of `object`; empty when there is none, or another type.
[[nodiscard]] inline std::string json_text(const nlohmann::json &object, std::string_view name);

}  // namespace regcred

#include <regcred/detail/json_impl.hpp>
