// SPDX-License-Identifier: Apache-2.0
// Settings that create() must refuse, derived from those that it accepts and from the backend's schema.
#pragma once

#include <string>
#include <vector>

namespace regcred::conformance {

enum class BadSettingsKind { unknown_key, wrong_type, no_object };

struct BadSettings {
  BadSettingsKind kind;
  std::string what;  // for messages: "a number for settings.org"
  std::string json;
  std::string key;  // that the refusal must name; empty for no_object
};

// `settings_json` is an object that create() accepts. Wrong types are tried for each of its keys and for each property
// of `schema_json`; a schema that is not JSON and a property without a type are ignored.
[[nodiscard]] std::vector<BadSettings> bad_settings(const std::string &settings_json, const std::string &schema_json);

}  // namespace regcred::conformance
