// SPDX-License-Identifier: Apache-2.0
// The settings of one registry entry, read and checked.
#pragma once

#include <optional>
#include <regcred/result.hpp>
#include <regcred/schema.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace static_backend {

// One username and password, and the images that they are for. README.md describes each setting.
struct Credential {
  std::string where;  // "settings", or "settings.credentials[0]": its name in messages
  std::string host;   // as registry_host() writes it; empty: every registry
  std::string path;   // whole segments that the image's path starts with, as team/app; empty: every path
  std::optional<std::string> username;
  std::optional<std::string> username_file;  // exactly one of the two
  std::string password_file;
};

struct Options {
  std::vector<Credential> credentials;            // empty when a file holds them all:
  std::optional<std::string> docker_config_file;  // as docker login writes it
};

// Reads every setting, of one of three forms: one credential for whole registries, the list `credentials`, or a docker
// configuration. A list with the same registry twice is refused. No file is opened. BAD_CONFIG for the first value that
// is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// Whether `text` can be the username of HTTP's Basic scheme (RFC 7617, section 2): not empty, UTF-8, no ':' and no
// control character, at most 4096 bytes, which is what the host takes.
[[nodiscard]] bool is_username(std::string_view text);

// The JSON Schema of what read_options() reads. read_options() is stricter where a schema cannot say it well: ports
// above 65535, lengths of host labels, credentials that are listed twice, paths that the kubelet cannot match.
inline constexpr std::string_view settings_schema = regcred::schema::filled<R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the static backend",
  "type": "object",
  "additionalProperties": false,
  "oneOf": [
    { "required": ["username", "passwordFile"],
      "propertyNames": { "pattern": "^(username|passwordFile|registries)$" } },
    { "required": ["usernameFile", "passwordFile"],
      "propertyNames": { "pattern": "^(usernameFile|passwordFile|registries)$" } },
    { "required": ["credentials"], "propertyNames": { "pattern": "^credentials$" } },
    { "required": ["dockerConfigFile"], "propertyNames": { "pattern": "^dockerConfigFile$" } }
  ],
  "properties": {
    "username": {
      "description": "The username itself.",
      "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f:]+$", "maxLength": 4096
    },
    "usernameFile": {
      "description": "File with the username: an absolute path, or a name in $CREDENTIALS_DIRECTORY. Mode 0600 or 0400.",
      "type": "string", "minLength": 1, "maxLength": 4096
    },
    "passwordFile": {
      "description": "File with the password: an absolute path, or a name in $CREDENTIALS_DIRECTORY. Mode 0600 or 0400.",
      "type": "string", "minLength": 1, "maxLength": 4096
    },
    "dockerConfigFile": {
      "description": "File as docker login writes it, or a pull secret's .dockerconfigjson: an absolute path, or a name in $CREDENTIALS_DIRECTORY. Mode 0600 or 0400.",
      "type": "string", "minLength": 1, "maxLength": 4096
    },
    "registries": {
      "description": "host[:port] of the registries this credential is for. Default: all that the entry matches.",
      "type": "array", "minItems": 1, "maxItems": 256,
      "items": { "x-regcred-registry": true, @registry@ }
    },
    "credentials": {
      "description": "Credentials per registry or path. The longest path that starts the image's path is used.",
      "type": "array", "minItems": 1, "maxItems": 256,
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["registry", "passwordFile"],
        "oneOf": [{ "required": ["username"] }, { "required": ["usernameFile"] }],
        "properties": {
          "registry": {
            "description": "host[:port], or host[:port]/path: the images that this credential is for.",
            "x-regcred-registry": true, "type": "string", "maxLength": 515,
            "pattern": "^([-a-zA-Z0-9.]+|\\[[0-9a-fA-F:.]+\\])(:[1-9][0-9]{0,4})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$"
          },
          "username": {
            "description": "The username itself.",
            "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f:]+$", "maxLength": 4096
          },
          "usernameFile": {
            "description": "File with the username.", "type": "string", "minLength": 1, "maxLength": 4096
          },
          "passwordFile": {
            "description": "File with the password.", "type": "string", "minLength": 1, "maxLength": 4096
          }
        }
      }
    }
  }
})json">;

}  // namespace static_backend
