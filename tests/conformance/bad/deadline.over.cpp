// SPDX-License-Identifier: Apache-2.0
#include "conformance/exchange.hpp"

extern const Decisions decisions = {.tries_again_when_time_is_over = true};
