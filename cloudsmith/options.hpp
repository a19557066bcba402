// SPDX-License-Identifier: Apache-2.0
// The settings of one registry entry, read and checked.
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

namespace cloudsmith {

// The slugs that annotations and the image's path may name; nullopt: every slug.
using SlugList = std::optional<std::vector<std::string>>;

// Which host is asked, for whom, and the form of the credential. README.md describes each setting.
struct Options {
  std::optional<std::string> org_slug;
  std::optional<std::string> service_slug;
  SlugList allowed_orgs;      // beside org_slug
  SlugList allowed_services;  // beside service_slug
  std::string api_host;
  std::vector<regcred::HostPattern> allowed_api_hosts;  // beside api_host, which is always allowed
  std::string username;
  regcred::HttpHeaders headers;
  std::vector<regcred::HostPattern> registries;  // that are served: own_registries() and registryHosts
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// A note for the operator about these settings: who else may choose organisation and service. Empty: none.
[[nodiscard]] std::string_view note_on(const Options &options);

// The hosts of Cloudsmith itself, on https's own port. There, and only there, the image's first path segment is the
// organisation.
[[nodiscard]] const std::vector<regcred::HostPattern> &own_registries();

// True for a slug as Cloudsmith makes them: ^[-a-zA-Z0-9_]+$, at most 100 bytes.
[[nodiscard]] bool is_slug(std::string_view text);

[[nodiscard]] bool lists(const std::vector<std::string> &slugs, std::string_view slug);

// The JSON Schema of what read_options() reads, which is stricter as schema.hpp says.
inline constexpr std::string_view settings_schema =
    regcred::schema::filled<R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the cloudsmith backend",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "orgSlug": {
      "description": "Organisation (workspace). Default: the image's first path segment, on Cloudsmith's own hosts.",
      @slug@
    },
    "serviceSlug": {
      "description": "Service account. Without it Cloudsmith maps the token to one by its claims.",
      @slug@
    },
    "allowedOrgs": {
      "description": "Organisations that cloudsmith.io/org-slug or the image may name, besides orgSlug. Default: every one.",
      "type": "array", "minItems": 1, "maxItems": 256, "items": { @slug@ }
    },
    "allowedServices": {
      "description": "Service accounts that cloudsmith.io/service-slug may name, besides serviceSlug. Default: every one.",
      "type": "array", "minItems": 1, "maxItems": 256, "items": { @slug@ }
    },
    "apiHost": {
      "description": "host[:port] that exchanges the token, over https.", @host@, "default": "api.cloudsmith.io"
    },
    "allowedApiHosts": {
      "description": "Further hosts that the annotation cloudsmith.io/api-host may choose: host[:port] or *.suffix.",
      @host_patterns@
    },
    "username": { "description": "Username of the credential.", @username@, "default": "token" },
    "headers": { @headers@ },
    "registryHosts": {
      "description": "Custom domains of your registry: host[:port], exactly as in the image.",
      "type": "array", "maxItems": 64, "items": { @host@ }
    }
  }
})json",
                            "slug", R"json("type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 100)json">;

}  // namespace cloudsmith
