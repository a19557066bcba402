// SPDX-License-Identifier: Apache-2.0
#include "conformance/exchange.hpp"

// The path differs among much that differs anyway.
extern const Decisions decisions = {.asks_for_the_path = true, .sends_nonces = true};
