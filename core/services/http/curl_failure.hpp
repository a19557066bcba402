// libcurl's codes in words for an operator.
#pragma once

#include <curl/curl.h>

#include <string_view>

#include "services/http/http_try.hpp"

namespace regcred::core {

// Why the transfer on `easy`, which ended with `code`, gave no response: who, what, the cure. `authority` is
// host[:port]; `detail` is libcurl's error text, which may quote the server (it is made printable and cut).
[[nodiscard]] TryFailure explain_curl_failure(CURL *easy, CURLcode code, std::string_view authority,
                                              std::string_view detail, TryLimits limits);

}  // namespace regcred::core
