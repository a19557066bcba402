// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of what options.hpp reads. options.cpp is stricter about paths: no segment may end with a dot.
#pragma once

#include <regcred/schema.hpp>
#include <string_view>

namespace vault {

inline constexpr std::string_view settings_schema =
    regcred::schema::filled<R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the vault backend",
  "type": "object",
  "additionalProperties": false,
  "required": ["address", "role", "mount", "path"],
  "allOf": [
    { "if": { "required": ["dockerConfigField"] },
      "then": { "propertyNames": { "not": { "enum": ["username", "usernameField", "passwordField"] } } } },
    { "if": { "required": ["username"] }, "then": { "propertyNames": { "not": { "const": "usernameField" } } } },
    { "if": { "properties": { "engine": { "const": "dynamic" } }, "required": ["engine"] },
      "then": { "properties": { "login": { "const": "token" } },
                "propertyNames": { "not": { "const": "dockerConfigField" } } } }
  ],
  "properties": {
    "address": { "description": "https://host[:port] of Vault or OpenBao, without a path.", @base_url@ },
    "namespace": { "description": "Namespace of login and secret.", @place@ },
    "authMethod": {
      "description": "The kind of login.", "type": "string", "enum": ["jwt", "kubernetes"], "default": "jwt"
    },
    "authMount": { "description": "Where that method is mounted. Default: named like it.", @place@ },
    "role": {
      "description": "Role of the login.", "type": "string", "pattern": "^[-_.0-9A-Za-z]+$", "maxLength": 256
    },
    "login": {
      "description": "token: log in, read, revoke. inline: all in one request, with OpenBao 2.4 or later.",
      "type": "string", "enum": ["token", "inline"], "default": "token"
    },
    "engine": {
      "description": "What is mounted there: a key-value store of version 2 or 1, or what makes a credential per read.",
      "type": "string", "enum": ["kv2", "kv1", "dynamic"], "default": "kv2"
    },
    "mount": { "description": "Where the engine is mounted.", @place@ },
    "path": {
      "description": "Path below the mount, without data/. May hold {registry}, {namespace}, {serviceAccount}.",
      "type": "string", "pattern": "^[-_.:+,=~0-9A-Za-z{}]+(/[-_.:+,=~0-9A-Za-z{}]+)*$", "maxLength": 512
    },
    "username": { "description": "The username itself.", @username@ },
    "usernameField": { "description": "The secret's field with the username.", @field@, "default": "username" },
    "passwordField": { "description": "The secret's field with the password.", @field@, "default": "password" },
    "dockerConfigField": {
      "description": "The secret's field with a docker configuration, as text or object, in place of the other fields.",
      @field@
    },
    "scope": {
      "description": "What an answer is for: the image, or its whole registry.",
      "type": "string", "enum": ["image", "registry"], "default": "image"
    },
    "registryHosts": {
      "description": "Only these registries are served: host[:port] as in the image, or *.suffix.",
      @host_patterns@, "minItems": 1
    }
  }
})json",  //
                            "place", R"json("type": "string", "maxLength": 256,
      "pattern": "^/?[-_.0-9A-Za-z]+(/[-_.0-9A-Za-z]+)*/?$")json">;

}  // namespace vault
