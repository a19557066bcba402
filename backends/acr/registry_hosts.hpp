// SPDX-License-Identifier: Apache-2.0
// Which hosts are Azure's registries, and which cloud's Entra they trust. Pure.
#pragma once

#include <string_view>

namespace acr {

// The Entra authority that belongs to the suffix of `host` (host[:port] in lower case), when that is a login server,
// NAME.azurecr.io or NAME-HASH.azurecr.io, or a regional endpoint, NAME.REGION.geo.azurecr.io; azurecr.cn and
// azurecr.us in the same way. Empty for all else: data endpoints never ask for credentials.
[[nodiscard]] std::string_view authority_of_registry(std::string_view host);

}  // namespace acr
