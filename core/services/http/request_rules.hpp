// SPDX-License-Identifier: Apache-2.0
// What a backend may ask for (promises H1, H6): checked before anything reaches libcurl.
#pragma once

#include <string>

#include "services/http/http.hpp"

namespace regcred::core {

// Empty when `request` keeps every rule, else what is wrong, as one line for people. The rules:
//  - method GET, POST or PUT; a GET has no body
//  - url: https://host[:port][/path][?query] in printable ASCII, at most 8 KiB; no user info, no fragment, no backslash
//  - with metadata_endpoint instead: http:// to one of the clouds' link-local metadata hosts, and nothing else
//  - header names are tokens (RFC 9110, 5.6.2), values have no control character but tab; none of those that decide
//    where a message ends or which host answers (Host, Content-Length, Transfer-Encoding, Connection, ...)
//  - headers together at most limits::http_headers_bytes_max, body at most limits::http_request_bytes_max
[[nodiscard]] std::string broken_rule(const HttpRequest &request);

// host[:port] of a URL that passed broken_rule, for messages and for the proxy.
[[nodiscard]] std::string_view authority_of(std::string_view url) noexcept;

}  // namespace regcred::core
