// SPDX-License-Identifier: Apache-2.0
#include "conformance/exchange.hpp"

extern const Decisions decisions = {.on_no_time_after_the_call = REGCRED_DENIED};
