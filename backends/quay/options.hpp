// SPDX-License-Identifier: Apache-2.0
// The settings of one registry entry, read and checked.
#pragma once

#include <optional>
#include <regcred/result.hpp>
#include <regcred/schema.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace quay {

// Which Quay is asked, as which robot. README.md describes each setting.
struct Options {
  std::optional<std::string> robot;
  std::vector<std::string> allowed_robots;           // rules of is_robot_rule(), beside robot, which is always allowed
  std::string api_host;                              // as read_host() gives it
  std::vector<regcred::HostPattern> registry_hosts;  // at least one
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// The JSON Schema of what read_options() reads. read_options() is stricter where a schema cannot say it well: ports
// above 65535, lengths of host labels and of robots' names, empty lists.
inline constexpr std::string_view settings_schema = regcred::schema::filled<R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the quay backend",
  "type": "object",
  "additionalProperties": false,
  "oneOf": [
    { "required": ["robot"] },
    { "required": ["allowedRobots"], "propertyNames": { "pattern": "^(allowedRobots|apiHost|registryHosts)$" } }
  ],
  "properties": {
    "robot": {
      "description": "Robot account for service accounts that do not name one by annotation: NAMESPACE+NAME.",
      "type": "string", "pattern": "^[-A-Za-z0-9._]+[+][-A-Za-z0-9._]+$", "maxLength": 511
    },
    "allowedRobots": {
      "description": "Robots that the annotation quay.io/federated-robot-account may choose: NAMESPACE+NAME or NAMESPACE+*.",
      "type": "array", "maxItems": 256,
      "items": { "type": "string", "pattern": "^[-A-Za-z0-9._]+[+]([-A-Za-z0-9._]+|[*])$", "maxLength": 511 }
    },
    "apiHost": {
      "description": "host[:port] that exchanges the token, over https.",
      @host@,
      "default": "quay.io"
    },
    "registryHosts": {
      "description": "Hosts of this Quay's images: host[:port] or *.example.com. Default: apiHost.",
      @host_patterns@
    }
  }
})json">;

}  // namespace quay
