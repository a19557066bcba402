// SPDX-License-Identifier: Apache-2.0
// The settings of one JFrog entry, read and checked.
#pragma once

#include <optional>
#include <regcred/http.hpp>
#include <regcred/result.hpp>
#include <regcred/schema.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace jfrog {

// Which platform exchanges the token, and with which of its OIDC integrations. README.md describes each setting.
struct Options {
  std::string artifactory_host;  // host[:port]
  std::string provider_name;
  std::optional<std::string> identity_mapping;
  std::optional<std::string> project_key;
  std::optional<std::string> username;  // instead of the answer's
  bool require_opt_in = false;
  regcred::HttpHeaders headers;
  std::vector<regcred::HostPattern> registries;  // artifactory_host, what is below it, and registryHosts
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// The JSON Schema of what read_options() reads.
inline constexpr std::string_view settings_schema =
    regcred::schema::filled<R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the jfrog backend",
  "type": "object",
  "additionalProperties": false,
  "required": ["artifactoryHost", "providerName"],
  "properties": {
    "artifactoryHost": {
      "description": "host[:port] of the JFrog platform, which exchanges the token, over https.",
      @host@
    },
    "providerName": {
      "description": "Name of the platform's OIDC integration (provider_name).",
      @name@
    },
    "identityMapping": {
      "description": "Name of the identity mapping (identity_mapping_name). Without it the platform chooses.",
      @name@
    },
    "projectKey": {
      "description": "Key of the project (project_key).",
      @name@
    },
    "username": {
      "description": "Username of the credential. Default: the answer's, else the user in its token's subject.",
      @username@
    },
    "requireOptIn": {
      "description": "Answer only for service accounts with the annotation JFrogExchange: \"true\".",
      "type": "boolean", "default": false
    },
    "headers": { @headers@ },
    "registryHosts": {
      "description": "Registries beside artifactoryHost and what is below it: host[:port] as in the image, or *.suffix.",
      @host_patterns@
    }
  }
})json",
                            "name",
                            R"json("type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f]+$", "maxLength": 255)json">;

}  // namespace jfrog
