// SPDX-License-Identifier: Apache-2.0
// Which hosts are Azure's registries, and which cloud's Entra they trust. Pure.
#pragma once

#include <string_view>

namespace acr {

// The Entra authority that belongs to the suffix of `host` (host[:port] in lower case), when that is a login server,
// NAME.azurecr.io or NAME-HASH.azurecr.io, or a regional endpoint, NAME.REGION.geo.azurecr.io; azurecr.cn and
// azurecr.us in the same way. Empty for all else: data endpoints never ask for credentials.
[[nodiscard]] std::string_view authority_of_registry(std::string_view host);

// The same by the suffix alone: for patterns with wildcards, which send nothing anywhere.
[[nodiscard]] std::string_view authority_of_suffix(std::string_view pattern);

// The audience that federated credentials of `authority`'s cloud have unless they were made with another one; empty for
// an authority that is not known.
[[nodiscard]] std::string_view token_audience(std::string_view authority);

}  // namespace acr
