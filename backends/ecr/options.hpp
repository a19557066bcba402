// SPDX-License-Identifier: Apache-2.0
// The settings of one ECR entry, read and checked.
#pragma once

#include <array>
#include <optional>
#include <regcred/result.hpp>
#include <regcred/schema.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace ecr {

inline constexpr std::array<std::string_view, 2> annotation_keys = {"eks.amazonaws.com/ecr-role-arn",
                                                                    "eks.amazonaws.com/role-arn"};

// README.md describes each setting.
struct Options {
  regcred::Identity identity;
  bool pod_identity;
  std::optional<std::string> role_arn;  // may hold {namespace} and {serviceAccount}
  std::vector<std::string> role_annotations;
  std::vector<std::string> allowed_roles;       // patterns
  std::optional<std::string> sts_url, ecr_url;  // https://host[:port]
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// The JSON Schema of what read_options() reads.
inline constexpr std::string_view settings_schema = regcred::schema::filled<R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the ecr backend",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "identity": { @identity@ },
    "podIdentity": {
      "description": "Experiment: the pod's token goes to the EKS Pod Identity agent, whose association names the role.",
      "type": "boolean", "default": false
    },
    "roleArn": {
      "description": "IAM role that the pod's token assumes; may hold {namespace} and {serviceAccount}.",
      "type": "string", "pattern": "^arn:[-a-z]+:iam::[0-9]{12}:role/[-+=,.\u0040/_0-9A-Za-z{}]+$"
    },
    "roleAnnotations": {
      "description": "Keys of service accounts' annotations that choose the role, the first that is there.",
      "type": "array", "maxItems": 8, "items": { @annotation_key@ },
      "default": ["eks.amazonaws.com/ecr-role-arn", "eks.amazonaws.com/role-arn"]
    },
    "allowedRoles": {
      "description": "Roles that an annotation may choose beside roleArn; * stands for any text within a part.",
      "type": "array", "maxItems": 1024,
      "items": { "type": "string", "pattern": "^arn:[-a-z*]+:iam::[0-9*]{1,12}:role/[-+=,.\u0040/_0-9A-Za-z*]+$" }
    },
    "stsEndpoint": { "description": "Instead of the region's STS: https://host[:port].", @base_url@ },
    "ecrEndpoint": { "description": "Instead of the region's ECR service: https://host[:port].", @base_url@ }
  }
})json">;

}  // namespace ecr
