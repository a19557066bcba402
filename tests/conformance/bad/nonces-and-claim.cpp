// SPDX-License-Identifier: Apache-2.0
#include "conformance/exchange.hpp"

// The path stands inside a token, between nonces.
extern const Decisions decisions = {.sends_nonces = true, .names_the_path_in_a_claim = true};
