// The settings of one registry entry, read and checked.
#pragma once

#include <regcred/result.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace harbor {

// Who gets the token, and what the credential looks like. README.md describes each setting.
struct Options {
  std::string username;
  std::vector<regcred::HostPattern> registry_hosts;  // empty: every host that is the token's audience
  std::vector<std::string> audiences;                // empty: the registry's own host or URL
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure. `audiences` alone is
// refused: it unties the token from the host, so `registryHosts` must say who may have it.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// The JSON Schema of what read_options() reads. read_options() is stricter where a schema cannot say it well: ports
// above 65535, lengths of host labels, empty lists.
inline constexpr std::string_view settings_schema = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the harbor backend",
  "x-regcred-tokenIsPassword": true,
  "type": "object",
  "additionalProperties": false,
  "oneOf": [
    { "required": ["registryHosts"] },
    { "propertyNames": { "pattern": "^username$" } }
  ],
  "properties": {
    "username": {
      "description": "Username of the credential. Harbor takes any.",
      "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f:]+$", "maxLength": 256, "default": "jwt"
    },
    "registryHosts": {
      "description": "The only hosts that may get the token: host[:port] or *.example.com.",
      "type": "array", "maxItems": 64,
      "items": {
        "type": "string", "pattern": "^([*][.][-a-zA-Z0-9]+[.])?[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?$", "maxLength": 261
      }
    },
    "audiences": {
      "description": "Audiences that your robots' federation asks for. Default: the registry's host, or https://HOST.",
      "type": "array", "maxItems": 16,
      "items": { "type": "string", "pattern": "^[!-~]+$", "maxLength": 256 }
    }
  }
})json";

}  // namespace harbor
