// SPDX-License-Identifier: Apache-2.0
// The settings of one entry that asks a program, read and checked.
#pragma once

#include <chrono>
#include <map>
#include <regcred/result.hpp>
#include <regcred/schema.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace exec_backend {

// Which language the program speaks.
enum class Protocol { docker, kubelet };

// README.md describes each setting.
struct Options {
  Protocol protocol = Protocol::docker;
  std::string program;  // absolute path
  std::string sha256;   // empty: not compared
  std::vector<std::string> args;
  std::map<std::string, std::string> environment;  // `env`, and HOME when `home` says so
  std::string server_url;                          // docker; empty: the image's registry
  std::string api_version;                         // kubelet; v1, v1beta1 or v1alpha1 behind the group
  std::chrono::seconds timeout{0};                 // 0: what the request's deadline leaves
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// The JSON Schema of what read_options() reads.
inline constexpr std::string_view settings_schema =
    regcred::schema::filled<R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the exec backend",
  "type": "object",
  "additionalProperties": false,
  "required": ["protocol", "program"],
  "properties": {
    "protocol": {
      "description": "docker: a docker credential helper. kubelet: an image credential provider.",
      "enum": ["docker", "kubelet"]
    },
    "program": {
      "description": "Absolute path. The file and the directories above it belong to root, and only root can write there.",
      @path@
    },
    "sha256": {
      "description": "SHA-256 of the program's file: any other is not run.",
      "type": "string", "pattern": "^[0-9a-f]{64}$"
    },
    "args": {
      "description": "All arguments. Default: get alone (docker), none (kubelet). No secret: every user can read them.",
      "type": "array", "maxItems": 64, "items": { @text@ }
    },
    "env": {
      "description": "Variables beside PATH and LANG. No secret: write the path of a file.",
      "type": "object", "maxProperties": 63,
      "propertyNames": { "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "maxLength": 128 },
      "additionalProperties": { @text@ }
    },
    "home": { "description": "HOME, an absolute path. Default: not set.", @path@ },
    "serverUrl": {
      "description": "docker: what the helper is asked for. Default: the image's registry; https://index.docker.io/v1/ for docker.io.",
      "type": "string", "pattern": "^[!-~]+$", "maxLength": 1024
    },
    "apiVersion": {
      "description": "kubelet: the version that the program speaks. Token and annotations exist in v1 only.",
      "enum": ["v1", "v1beta1", "v1alpha1"], "default": "v1"
    },
    "timeoutSeconds": {
      "description": "Longest time for the program. Default: until two seconds before the request's deadline.",
      "type": "integer", "minimum": 1, "maximum": 55
    }
  },
  "oneOf": [
    { "properties": { "protocol": { "enum": ["docker"] } }, "not": { "required": ["apiVersion"] } },
    { "properties": { "protocol": { "enum": ["kubelet"] } }, "not": { "required": ["serverUrl"] } }
  ]
})json",
                            "path", R"json("type": "string", "pattern": "^/[^\\u0000]*$", "maxLength": 4096)json",
                            "text", R"json("type": "string", "pattern": "^[^\\u0000]*$", "maxLength": 4096)json">;

}  // namespace exec_backend
