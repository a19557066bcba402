// SPDX-License-Identifier: Apache-2.0
// Whether a request goes through the proxy.
#pragma once

#include <string>
#include <string_view>

#include "common/registry_config.hpp"

namespace regcred::core {

// Whether NO_PROXY, read as golang.org/x/net/http/httpproxy reads it, names `authority` (host[:port] of an https URL):
// "*", "example.com" (and all below it), ".example.com" or "*.example.com" (only what is below it), an address, a CIDR
// block; each but the last with or without a port. Unlike there, loopback hosts must be named, too.
[[nodiscard]] bool spared_as_go(std::string_view no_proxy, std::string_view authority);

// Whether libcurl would use the proxy for this URL: it is asked, and nothing is sent. False without a proxy.
[[nodiscard]] bool goes_through_proxy(const std::string &url, const ProxyConfig &proxy);

}  // namespace regcred::core
