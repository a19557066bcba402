// SPDX-License-Identifier: Apache-2.0
// Drop-in mode: the configuration of the existing Cloudsmith provider, read from its variables and its file.
#pragma once

#include <optional>
#include <string>

#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "config/environment.hpp"

namespace regcred::core {

// One entry, `cloudsmith`, for Cloudsmith's own hosts and those in CLOUDSMITH_REGISTRY_HOSTS. Reads `path`, or the
// provider's default file when `path` is empty and that file exists; variables come before keys of the file. Honours
// SSL_CERT_FILE, SSL_CERT_DIR, HTTPS_PROXY and NO_PROXY, as Go, the existing provider's language, does.
//
// Intended differences: certificates are always verified (insecure_skip_verify: true is refused), and the annotation
// cloudsmith.io/api-host counts only below CLOUDSMITH_ALLOWED_API_HOST_SUFFIXES.
//
// Fails with ErrorCode::config, naming the variable or file:line:column: an unusable value, an unknown key, a file that
// is not trusted or not YAML.
[[nodiscard]] Result<Config> load_drop_in(const std::optional<std::string> &path, const Environment &environment,
                                          const std::string &default_file);

// Whether the environment holds any variable of drop-in mode.
[[nodiscard]] bool has_drop_in_variable(const Environment &environment);

}  // namespace regcred::core
