// SPDX-License-Identifier: Apache-2.0
// The settings of one Chainguard entry, read and checked.
#pragma once

#include <optional>
#include <regcred/http.hpp>
#include <regcred/result.hpp>
#include <regcred/schema.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace chainguard {

// Who is assumed, and where. README.md describes each setting.
struct Options {
  std::optional<std::string> identity;          // without it the annotation must choose one
  std::vector<std::string> allowed_identities;  // beside `identity`; at least one of both is there
  std::string issuer_host;                      // host[:port]
  std::string username;
  regcred::HttpHeaders headers;
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// The JSON Schema of what read_options() reads.
inline constexpr std::string_view settings_schema = regcred::schema::filled<R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the chainguard backend",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "identity": {
      "description": "UIDP of the identity that is assumed, unless the service account chooses an allowed one.",
      "type": "string", "pattern": "^[-_./0-9A-Za-z]+$", "maxLength": 256
    },
    "allowedIdentities": {
      "description": "UIDPs that service accounts may choose by the annotation regcred/chainguard-identity.",
      "type": "array", "maxItems": 1024,
      "items": { "type": "string", "pattern": "^[-_./0-9A-Za-z]+$", "maxLength": 256 }
    },
    "issuerHost": {
      "description": "host[:port] that exchanges the token, over https.",
      @host@,
      "default": "issuer.enforce.dev"
    },
    "username": { "description": "Username of the credential.", @username@, "default": "_token" },
    "headers": { @headers@ }
  }
})json">;

}  // namespace chainguard
