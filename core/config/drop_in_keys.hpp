// SPDX-License-Identifier: Apache-2.0
// The names that the existing Cloudsmith providers take, and where each may come from.
//
// Sources: the READMEs and samples of cloudsmith-io/ and cloudsmith-labs/cloudsmith-kubernetes-credential-provider, and
// of the Cloudsmith CLI for the variables without a key.
#pragma once

#include <array>
#include <string_view>

namespace regcred::core {

// Started under this name, regcred is in drop-in mode whatever /etc/regcred holds.
inline constexpr std::string_view drop_in_program_name = "cloudsmith-kubernetes-credential-provider";

inline constexpr std::string_view header_key_prefix = "header_";                  // header_x_example: value
inline constexpr std::string_view header_variable_prefix = "CLOUDSMITH_HEADER_";  // CLOUDSMITH_HEADER_X_EXAMPLE=value

// One setting: its key in the file, and the variables that override it; the first that is set counts.
struct DropInKey {
  std::string_view key;
  std::array<std::string_view, 3> variables;
};

inline constexpr DropInKey drop_in_keys[] = {
    {"api_host", {"CLOUDSMITH_API_HOST"}},
    {"org_slug", {"CLOUDSMITH_ORG_SLUG", "CLOUDSMITH_ORG", "CLOUDSMITH_ORGANIZATION"}},
    {"service_slug", {"CLOUDSMITH_SERVICE_SLUG"}},
    {"log_level", {"CLOUDSMITH_LOG_LEVEL"}},
    {"insecure_skip_verify", {"CLOUDSMITH_INSECURE_SKIP_VERIFY", "CLOUDSMITH_WITHOUT_API_SSL_VERIFY"}},
    {"headers", {"CLOUDSMITH_HEADERS"}},
    {"http_timeout", {"CLOUDSMITH_HTTP_TIMEOUT"}},
    {"max_idle_conns", {"CLOUDSMITH_MAX_IDLE_CONNS"}},
    {"idle_conn_timeout", {"CLOUDSMITH_IDLE_CONN_TIMEOUT"}},
    {"max_retry_attempts", {"CLOUDSMITH_MAX_RETRY_ATTEMPTS"}},
    {"retry_backoff_duration", {"CLOUDSMITH_RETRY_BACKOFF_DURATION"}},
    {"retry_backoff_factor", {"CLOUDSMITH_RETRY_BACKOFF_FACTOR"}},
    {"retry_backoff_jitter", {"CLOUDSMITH_RETRY_BACKOFF_JITTER"}},
    {"retry_backoff_cap", {"CLOUDSMITH_RETRY_BACKOFF_CAP"}},
    {"api_headers", {"CLOUDSMITH_API_HEADERS"}},
    {"api_proxy", {"CLOUDSMITH_API_PROXY"}},
    {"api_user_agent", {"CLOUDSMITH_API_USER_AGENT"}},
    {"oidc_audience", {"CLOUDSMITH_OIDC_AUDIENCE"}},
    {"allowed_api_host_suffixes", {"CLOUDSMITH_ALLOWED_API_HOST_SUFFIXES"}},
    {"allowed_org_slugs", {"CLOUDSMITH_ALLOWED_ORG_SLUGS"}},          // these three are regcred's own
    {"allowed_service_slugs", {"CLOUDSMITH_ALLOWED_SERVICE_SLUGS"}},  // what annotations and images may name
    {"registry_hosts", {"CLOUDSMITH_REGISTRY_HOSTS"}},                // custom domains
};

// Whether a file of the existing provider may hold `key` (lower case).
[[nodiscard]] constexpr bool is_drop_in_key(std::string_view key) {
  for (const DropInKey &known : drop_in_keys) {
    if (known.key == key) return true;
  }
  return key.starts_with(header_key_prefix);
}

}  // namespace regcred::core
