// SPDX-License-Identifier: Apache-2.0
// What can be seen from an issuer's address. Pure.
#pragma once

#include <string_view>

namespace regcred::core {

// Whose clusters have issuers like this one ("Amazon EKS"); such a vendor publishes the documents itself. Empty for all
// other addresses.
[[nodiscard]] std::string_view issuer_vendor(std::string_view issuer);

// Whether API servers commonly accept tokens of this audience: by default theirs is the issuer, unless --api-audiences
// is set.
[[nodiscard]] bool is_api_server_audience(std::string_view audience);

}  // namespace regcred::core
