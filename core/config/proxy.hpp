// SPDX-License-Identifier: Apache-2.0
// Where the proxy comes from: the configuration, or the environment when the configuration says so.
#pragma once

#include <string>
#include <string_view>

#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "config/environment.hpp"

namespace regcred::core {

// Checks `text` as the URL of an HTTP proxy, [http[s]://][user[:password]@]host[:port], and gives it with scheme (http
// when there is none, as curl and Go assume) and port (80 or 443, as Go assumes). Fails with ErrorCode::config; `where`
// stands in front of the error, which never shows user and password.
[[nodiscard]] Result<std::string> proxy_url(std::string_view text, const std::string &where);

// HTTPS_PROXY and NO_PROXY, or https_proxy and no_proxy where those are not set. HTTP_PROXY is ignored: every exchange
// uses https. Fails as proxy_url does, naming the variable.
[[nodiscard]] Result<ProxyConfig> proxy_from_environment(const Environment &environment);

// NO_PROXY, or no_proxy where that is not set; empty when neither is. Fails like the above.
[[nodiscard]] Result<std::string> no_proxy_from_environment(const Environment &environment);

}  // namespace regcred::core
