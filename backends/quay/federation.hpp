// SPDX-License-Identifier: Apache-2.0
// Quay's endpoint for federated robots: GET /oauth2/federation/robot/token with the Basic scheme, the robot's name as
// user and the pod's token as password. Answers {"token": "<JWT>"}. quay.io, and Quay from 3.13 on.
#pragma once

#include <regcred/exchange.hpp>
#include <regcred/http.hpp>
#include <span>
#include <string_view>

namespace quay {

// The request for `robot` at `api_host`, both validated. The token stands in the Authorization header only.
[[nodiscard]] regcred::HttpRequest federation_request(std::string_view api_host, std::string_view robot,
                                                      std::string_view token);

// What Quay's statuses mean there. Only 401 is documented for a robot that does not fit. Quay's handler does not catch
// every mismatch, so 500 may mean the same.
[[nodiscard]] std::span<const regcred::Refusal> refusals();

}  // namespace quay
