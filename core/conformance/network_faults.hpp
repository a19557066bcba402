// SPDX-License-Identifier: Apache-2.0
// Failures of a registry, each derived from the conversation that succeeds.
#pragma once

#include <string_view>
#include <vector>

#include "conformance/lent_host.hpp"

namespace regcred::conformance {

// Part of every body, header and address that the faults make up: it must never appear in a text.
inline constexpr std::string_view body_canary = "canary-of-a-response-body-7Qw3Zk9x";

// Where the redirects point to.
inline constexpr std::string_view elsewhere_host = "elsewhere.example.net";

// What Retry-After says in the throttled answers.
inline constexpr std::chrono::seconds retry_after{17};

// Every fault at every call of the conversation. `check` names the check of each; a call whose planned reply has the
// fault's own status is left out (a 401 that asks for a token, say). An expiry is changed in the last reply that has
// one.
[[nodiscard]] std::vector<NetworkFault> network_faults(const Conversation &conversation);

}  // namespace regcred::conformance
