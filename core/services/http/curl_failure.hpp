// SPDX-License-Identifier: Apache-2.0
// libcurl's codes as messages for an operator.
#pragma once

#include <curl/curl.h>

#include <string_view>

#include "services/http/http_attempt.hpp"

namespace regcred::core {

// Facts about a transfer, for messages about its failure.
struct Transfer {
  std::string_view authority;  // host[:port] that was asked
  std::string_view proxy_url;  // of the proxy in use; messages name its host and port; empty: none
  std::string_view detail;     // libcurl's error text, which may quote the server (it is made printable and cut)
  AttemptLimits limits;
};

// Why the transfer on `easy`, which ended with `code`, gave no response: host, reason, cure.
[[nodiscard]] AttemptFailure explain_curl_failure(CURL *easy, CURLcode code, const Transfer &transfer);

}  // namespace regcred::core
