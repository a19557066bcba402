// SPDX-License-Identifier: Apache-2.0
#include "conformance/exchange.hpp"

// Sends something new with each request, and asks for every path alike.
extern const Decisions decisions = {.sends_nonces = true};
