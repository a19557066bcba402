// SPDX-License-Identifier: Apache-2.0
// Answer -> bytes on stdout.
#pragma once

#include <string>

#include "common/request.hpp"

namespace regcred::core {

// One CredentialProviderResponse as compact JSON with a newline at its end: apiVersion, kind, cacheKeyType,
// cacheDuration (only when it is set), auth, and nothing else, since the kubelet decodes strictly and drops an answer
// with an unknown field. Bytes that are not UTF-8, which JSON cannot carry, become U+FFFD.
// The text holds passwords: the caller wipes it after writing.
[[nodiscard]] std::string render_answer(const Answer &answer);

}  // namespace regcred::core
