// SPDX-License-Identifier: Apache-2.0
// Whether a backend is given the pod's token: least privilege, and a clear message when the token does not fit.
#pragma once

#include <string_view>

#include "common/registry_config.hpp"
#include "common/request.hpp"
#include "common/result.hpp"

namespace regcred::core {

// In the parent, before the fork: checks what the entry itself says of the token. Fails with ErrorCode::config when the
// entry uses the token and
//  - it says that one is required and the kubelet sent none (its configuration lacks tokenAttributes), or
//  - it names an audience that the token's unverified `aud` does not contain, or the token cannot be read.
// No text holds any part of the token but its audience. A token that has expired by this node's clock is not refused:
// the clock may be wrong, and the registry decides.
[[nodiscard]] Status check_token(const RegistryEntry &entry, const Request &request);

// In the worker, which knows what the backend declares: the token for the backend, that of the request, or empty when
// entry or backend does not use one. Fails with ErrorCode::config when one is required and the kubelet sent none.
[[nodiscard]] Result<std::string_view> token_for_backend(const RegistryEntry &entry, TokenUse declared,
                                                         const Request &request);

// An entry's token use and annotations: its own, or else what its backend declares.
[[nodiscard]] inline TokenUse token_use_of(const RegistryEntry &entry, TokenUse declared) {
  return entry.service_account_token.value_or(declared);
}
[[nodiscard]] inline const std::vector<std::string> &annotation_keys_of(const RegistryEntry &entry,
                                                                        const std::vector<std::string> &declared) {
  return entry.annotations ? *entry.annotations : declared;
}

}  // namespace regcred::core
