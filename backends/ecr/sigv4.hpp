// SPDX-License-Identifier: Apache-2.0
// AWS Signature Version 4.
#pragma once

#include <chrono>
#include <regcred/crypto.hpp>
#include <regcred/http.hpp>
#include <regcred/result.hpp>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>

namespace ecr {

struct Keys {
  std::string id;
  regcred::Secret secret;
  regcred::Secret token;  // of temporary keys; empty: none
};

// Adds X-Amz-Date, X-Amz-Security-Token and Authorization to a request for the path "/" without a query, and signs all
// of its headers and its host. `now` must be within minutes of the server's clock. Fails as Crypto does.
[[nodiscard]] regcred::Result<void> sign(const regcred::Crypto &crypto, regcred::HttpRequest &request, const Keys &keys,
                                         std::string_view region, std::string_view service, std::chrono::seconds now);

}  // namespace ecr
