// SPDX-License-Identifier: Apache-2.0
// What a backend may request, checked before anything reaches libcurl. The rules are in the SDK, so that FakeHost has
// the same.
#pragma once

#include <regcred/detail/http_rules.hpp>
#include <string>

#include "services/http/http.hpp"

namespace regcred::core {

// Empty when `request` keeps every rule of regcred_http_v1 (abi.h), else what is wrong, as one line for people. A PATCH
// of the core's own is judged as a PUT.
[[nodiscard]] inline std::string broken_rule(const HttpRequest &request) {
  const bool is_own_patch = request.may_patch && request.method == "PATCH";
  return regcred::detail::broken_http_rule({is_own_patch ? "PUT" : request.method, request.url, request.headers,
                                            request.body.size(), request.metadata_endpoint});
}

}  // namespace regcred::core
