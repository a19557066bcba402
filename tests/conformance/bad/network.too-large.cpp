// SPDX-License-Identifier: Apache-2.0
#include "conformance/exchange.hpp"

extern const Decisions decisions = {.on_too_large = REGCRED_UNAVAILABLE};
