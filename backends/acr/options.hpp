// SPDX-License-Identifier: Apache-2.0
// The settings of one ACR entry, read and checked.
#pragma once

#include <optional>
#include <regcred/result.hpp>
#include <regcred/schema.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace acr {

// Who asks, and where. README.md describes each setting. Ids are in lower case.
struct Options {
  regcred::Identity identity = regcred::Identity::token;
  std::optional<std::string> tenant_id;  // without it the annotation must choose one
  std::vector<std::string> allowed_tenant_ids;
  std::optional<std::string> client_id;  // without it the annotation may choose one
  std::vector<std::string> allowed_client_ids;
  std::optional<std::string> authority_host;     // host[:port] in place of the one that belongs to the registry
  std::optional<std::string> exchange_endpoint;  // https://host[:port] in place of the registry's own
  std::vector<regcred::HostPattern> registries;  // beside Azure's own
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// The JSON Schema of what read_options() reads.
inline constexpr std::string_view settings_schema = regcred::schema::filled<
    R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the acr backend",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "identity": { @identity@ },
    "tenantId": {
      "description": "Entra tenant of the registry, unless the service account chooses an allowed one.", @tenant@
    },
    "allowedTenantIds": {
      "description": "Tenants that service accounts may choose by the annotation kubernetes.azure.com/acr-tenant-id.",
      "type": "array", "maxItems": 1024, "items": { @tenant@ }
    },
    "clientId": {
      "description": "Client id of the app or managed identity, unless the service account chooses an allowed one.", @client@
    },
    "allowedClientIds": {
      "description": "Clients that service accounts may choose by the annotation kubernetes.azure.com/acr-client-id.",
      "type": "array", "maxItems": 1024, "items": { @client@ }
    },
    "authorityHost": {
      "description": "host[:port] of Entra, which gets the token. Default: the one of the registry's cloud.", @host@
    },
    "exchangeEndpoint": {
      "description": "Base URL of the registry's token exchange. Default: the registry's own host.", @base_url@
    },
    "registryHosts": {
      "description": "Registries beside *.azurecr.io, .cn and .us: host[:port] as in the image, or *.suffix. They need authorityHost.",
      @host_patterns@
    }
  }
})json",
    "tenant", R"json("type": "string", "maxLength": 253,
      "pattern": "^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[-0-9a-zA-Z]+([.][-0-9a-zA-Z]+)+)$")json",
    "client", R"json("type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")json">;

}  // namespace acr
