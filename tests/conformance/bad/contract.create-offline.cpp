// SPDX-License-Identifier: Apache-2.0
#include "conformance/exchange.hpp"

extern const Decisions decisions = {.calls_in_create = true};
