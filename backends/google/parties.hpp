// SPDX-License-Identifier: Apache-2.0
// Google's three services that give an access token: what they are sent, and what their refusals mean.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/exchange.hpp>
#include <regcred/http.hpp>
#include <span>
#include <string>
#include <string_view>

namespace google {

// Security Token Service: the pod's token becomes a token of the pool's principal (RFC 8693).
[[nodiscard]] regcred::HttpRequest sts_request(const std::string &endpoint, std::string_view audience,
                                               const regcred::PodToken &token);
[[nodiscard]] std::span<const regcred::Refusal> sts_refusals();

// IAM Service Account Credentials: an access token becomes one of the service account `account`.
[[nodiscard]] regcred::HttpRequest impersonation_request(const std::string &endpoint, const std::string &account,
                                                         std::string_view access_token);
[[nodiscard]] std::span<const regcred::Refusal> impersonation_refusals();

// The node's metadata server: a token of the service account that is attached to the node.
[[nodiscard]] regcred::HttpRequest node_token_request();
[[nodiscard]] std::span<const regcred::Refusal> metadata_refusals();

// The header that a metadata server is asked with, and that it answers with.
inline constexpr const char *flavor = "metadata-flavor";

// A metadata server's answer, with the value of that header as the member `flavor`.
[[nodiscard]] std::optional<nlohmann::json> read_metadata(const regcred::HttpResponse &response);

}  // namespace google
