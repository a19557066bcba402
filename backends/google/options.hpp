// SPDX-License-Identifier: Apache-2.0
// The settings of one Google entry, read and checked.
#pragma once

#include <optional>
#include <regcred/backend.hpp>
#include <regcred/result.hpp>
#include <regcred/schema.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace google {

// Who asks, whom Google lets it act as, and where. README.md describes each setting.
struct Options {
  regcred::Identity identity = regcred::Identity::token;
  std::string audience;                               // what STS is asked for; empty with Identity::node
  std::optional<std::string> service_account;         // to impersonate; without it the annotation may choose one
  std::vector<std::string> allowed_service_accounts;  // beside `service_account`
  std::string sts_endpoint;                           // https://host[:port]
  std::string iam_endpoint;
  std::vector<regcred::HostPattern> registries;  // beside Google's own
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// For which audience the pod's token must be when STS is asked for `audience`: a provider takes its own name unless it
// has a list of its own, an identity namespace takes its own. None for an empty one.
[[nodiscard]] regcred::ExpectedAudiences token_audiences(std::string_view audience);

// What an audience names, for texts: `project "123", pool "prod", provider "cluster-1"`.
[[nodiscard]] std::string audience_words(std::string_view audience);

// The JSON Schema of what read_options() reads.
inline constexpr std::string_view settings_schema = regcred::schema::filled<R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the google backend",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "identity": { @identity@ },
    "audience": {
      "description": "What Google's STS is asked for: //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER, or identitynamespace:PROJECT.svc.id.goog:CLUSTER_URL. Not the audience of the pod's token.",
      "type": "string", "maxLength": 512,
      "pattern": "^(//iam[.][-a-z0-9.]+/projects/[0-9]+/locations/global/workloadIdentityPools/[-a-z0-9.]+/providers/[-a-z0-9]+|identitynamespace:[-a-z0-9.:]+:https://[-._~a-zA-Z0-9/:%]+)$"
    },
    "serviceAccount": {
      "description": "Google service account to impersonate. Default: none, the pool's principal itself is asked with.",
      @account@
    },
    "allowedServiceAccounts": {
      "description": "Google service accounts that may be chosen by the annotation iam.gke.io/gcp-service-account.",
      "type": "array", "maxItems": 1024, "items": { @account@ }
    },
    "stsEndpoint": {
      "description": "Base URL of the Security Token Service.", @base_url@, "default": "https://sts.googleapis.com"
    },
    "iamEndpoint": {
      "description": "Base URL of the IAM Service Account Credentials API.", @base_url@,
      "default": "https://iamcredentials.googleapis.com"
    },
    "registryHosts": {
      "description": "Registries beside *.pkg.dev, gcr.io and *.gcr.io: host[:port] as in the image, or *.suffix.",
      @host_patterns@
    }
  }
})json",
                                                                            "account",
                                                                            R"json("type": "string", "maxLength": 254,
      "pattern": "^[a-z0-9][-a-z0-9.]*@[a-z0-9][-a-z0-9.]*[a-z0-9]$")json">;

}  // namespace google
