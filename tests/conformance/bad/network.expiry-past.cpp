// SPDX-License-Identifier: Apache-2.0
#include "conformance/exchange.hpp"

extern const Decisions decisions = {.hands_out_what_expired = true};
