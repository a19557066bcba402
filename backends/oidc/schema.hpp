// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of what options.hpp reads.
#pragma once

#include <regcred/schema.hpp>
#include <string_view>

namespace oidc {

inline constexpr std::string_view settings_schema = regcred::schema::filled<R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the oidc backend",
  "type": "object",
  "additionalProperties": false,
  "required": ["mode"],
  "oneOf": [
    {
      "title": "The pod's token is the password",
      "x-regcred-tokenIsPassword": true,
      "properties": { "mode": { "enum": ["passThrough"] } },
      "required": ["username", "registryHosts"]
    },
    {
      "title": "The pod's token is exchanged",
      "properties": { "mode": { "enum": ["tokenExchange", "jwtBearer", "clientAssertion", "custom", "bearer"] } },
      "required": ["exchangeUrl"],
      "oneOf": [{ "required": ["username"] }, { "required": ["usernameField"] }]
    }
  ],
  "properties": {
    "mode": {
      "description": "The kind of exchange; passThrough: none, the pod's token is the password.",
      "type": "string",
      "enum": ["tokenExchange", "jwtBearer", "clientAssertion", "custom", "bearer", "passThrough"]
    },
    "exchangeUrl": {
      "description": "Where the token is sent, by POST. https only.",
      "type": "string", "pattern": "^https://[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?([/?][!-~]*)?$", "maxLength": 2048
    },
    "encoding": {
      "description": "How the body is written.",
      "type": "string", "enum": ["form", "json"], "default": "form"
    },
    "tokenField": {
      "description": "The field that holds the token, in mode custom.",
      @field@
    },
    "fields": {
      "description": "Further fields of the body: audience, scope, resource, subject_token_type ...",
      "type": "object", "maxProperties": 64,
      "propertyNames": { @field@ },
      "additionalProperties": { "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f]*$", "maxLength": 4096 }
    },
    "secretFields": {
      "description": "Further fields whose value is in a file of mode 0600, or a name in $CREDENTIALS_DIRECTORY.",
      "type": "object", "maxProperties": 8,
      "propertyNames": { @field@ },
      "additionalProperties": { "type": "string", "minLength": 1, "maxLength": 4096 }
    },
    "selections": {
      "description": "Fields whose value an annotation of the service account may choose, among those listed.",
      "type": "array", "maxItems": 16,
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["annotation", "field", "values"],
        "properties": {
          "annotation": { @annotation_key@ },
          "field": { @field@ },
          "values": {
            "type": "array", "minItems": 1, "maxItems": 256,
            "items": { "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f]+$", "maxLength": 4096 }
          }
        }
      }
    },
    "headers": { @headers@ },
    "passwordField": {
      "description": "The answer's field with the password; dots step into inner objects.",
      @field@, "default": "access_token"
    },
    "username": { "description": "The username itself.", @username@ },
    "usernameField": {
      "description": "The answer's field with the username.",
      @field@
    },
    "expiresInField": {
      "description": "The answer's field with the lifetime in seconds.",
      @field@, "default": "expires_in"
    },
    "expiresAtField": {
      "description": "The answer's field with the end of life: seconds since 1970, or RFC 3339.",
      @field@
    },
    "audiences": {
      "description": "In mode passThrough: what the token's audience must be. Default: the registry's host, https://HOST.",
      @audiences@
    },
    "registryHosts": {
      "description": "Only these registries are served: host[:port] as in the image, or *.suffix. For passThrough needed.",
      @host_patterns@, "minItems": 1
    }
  }
})json">;

}  // namespace oidc
