// SPDX-License-Identifier: Apache-2.0
// Whether an entry's answer is the pod's own token: the kubelet must then cache per token.
#pragma once

#include "common/registry_config.hpp"
#include "dispatch/survey.hpp"

namespace regcred::core {

// Whether `backend`, with the settings of `entry`, gives the service account token itself as the password. From 1.34 on
// the kubelet refuses such an answer unless the provider's cacheType is Token
// (pkg/credentialprovider/plugin/plugin.go).
//
// A backend says so in its settings schema: the keyword "x-regcred-tokenIsPassword": true at the top when it always
// does so, or in those branches of `oneOf` in which it does; a branch is in use when every `const` and `enum` of its
// `properties` allows the entry's value. A schema without the keyword means: it exchanges the token.
[[nodiscard]] bool passes_token_through(const RegistryEntry &entry, const SurveyedBackend &backend);

}  // namespace regcred::core
