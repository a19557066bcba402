// The settings of one registry entry, read and checked.
#pragma once

#include <optional>
#include <regcred/http.hpp>
#include <regcred/result.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cloudsmith {

// Which host answers, who asks, and what the credential looks like. README.md describes each setting.
struct Options {
  std::optional<std::string> org_slug;
  std::optional<std::string> service_slug;
  std::string api_host;
  std::vector<regcred::HostPattern> allowed_api_hosts;  // beside api_host, which is always allowed
  std::string username;
  regcred::HttpHeaders headers;
  std::vector<std::string> registry_hosts;  // host[:port] in lower case
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// True for a slug as Cloudsmith makes them: ^[-a-zA-Z0-9_]+$, at most 100 bytes.
[[nodiscard]] bool is_slug(std::string_view text);

// The JSON Schema of what read_options() reads. read_options() is stricter where a schema cannot say it well: ports
// above 65535, lengths of host labels, header names that the exchange needs for itself.
inline constexpr std::string_view settings_schema = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the cloudsmith backend",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "orgSlug": {
      "description": "Organisation (workspace). Default: the image's first path segment, on Cloudsmith's own hosts.",
      "type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 100
    },
    "serviceSlug": {
      "description": "Service account. Without it Cloudsmith maps the token to one by its claims.",
      "type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 100
    },
    "apiHost": {
      "description": "host[:port] that exchanges the token, over https.",
      "type": "string", "pattern": "^[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?$", "maxLength": 259,
      "default": "api.cloudsmith.io"
    },
    "allowedApiHosts": {
      "description": "Further hosts that the annotation cloudsmith.io/api-host may choose: host[:port] or *.suffix.",
      "type": "array", "maxItems": 64,
      "items": {
        "type": "string", "pattern": "^([*][.][-a-zA-Z0-9]+[.])?[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?$", "maxLength": 261
      }
    },
    "username": {
      "description": "Username of the credential.",
      "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f:]+$", "maxLength": 256, "default": "token"
    },
    "headers": {
      "description": "Further headers of the exchange. Not Authorization, Host, Content-* and the like.",
      "type": "object", "maxProperties": 32,
      "propertyNames": { "pattern": "^[-!#$%&'*+.^_`|~0-9A-Za-z]+$", "maxLength": 128 },
      "additionalProperties": { "type": "string", "pattern": "^[ -~]*$", "maxLength": 1024 }
    },
    "registryHosts": {
      "description": "Custom domains of your registry: host[:port], exactly as in the image.",
      "type": "array", "maxItems": 64,
      "items": { "type": "string", "pattern": "^[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?$", "maxLength": 259 }
    }
  }
})json";

}  // namespace cloudsmith
