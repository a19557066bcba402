// SPDX-License-Identifier: Apache-2.0
// The three services that are asked: what they are sent, and what their refusals mean.
#pragma once

#include <regcred/exchange.hpp>
#include <regcred/http.hpp>
#include <span>
#include <string>
#include <string_view>

namespace acr {

// Entra: the pod's token, as a client assertion (RFC 7523), becomes an access token for ACR.
[[nodiscard]] regcred::HttpRequest entra_request(const std::string &authority_host, const std::string &tenant,
                                                 std::string_view client, const regcred::PodToken &token);
[[nodiscard]] std::span<const regcred::Refusal> entra_refusals();

// The node's metadata service (IMDS): an access token for ACR of the node's managed identity; `client` may be empty.
[[nodiscard]] regcred::HttpRequest imds_request(const std::string &client);
[[nodiscard]] std::span<const regcred::Refusal> imds_refusals();

// The registry `service` itself: an access token becomes a refresh token, which it takes as a password.
[[nodiscard]] regcred::HttpRequest exchange_request(const std::string &endpoint, std::string_view service,
                                                    std::string_view tenant, std::string_view access_token);
[[nodiscard]] std::span<const regcred::Refusal> exchange_refusals();

}  // namespace acr
