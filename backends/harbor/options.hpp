// SPDX-License-Identifier: Apache-2.0
// The settings of one registry entry, read and checked. README.md describes each.
#pragma once

#include <regcred/registry.hpp>
#include <regcred/schema.hpp>
#include <string_view>

namespace harbor {

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure. `audiences` without
// `registryHosts` is refused: the audience then does not name the host, so `registryHosts` must say which hosts may get
// the token.
[[nodiscard]] regcred::Result<regcred::PassThrough> read_options(regcred::Settings &settings);

// The JSON Schema of what read_options() reads. read_options() is stricter where a schema cannot say it well: ports
// above 65535, lengths of host labels, empty lists.
inline constexpr std::string_view settings_schema = regcred::schema::filled<R"json({
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
    "username": { "description": "Username of the credential. Harbor takes any.", @username@, "default": "jwt" },
    "registryHosts": {
      "description": "The only hosts that may get the token: host[:port] or *.example.com.",
      @host_patterns@
    },
    "audiences": {
      "description": "Audiences that your robots' federation asks for. Default: the registry's host, or https://HOST.",
      @audiences@
    }
  }
})json">;

}  // namespace harbor
