// SPDX-License-Identifier: Apache-2.0
#include "conformance/exchange.hpp"

extern const Decisions decisions = {.takes_numbers_as_text = true};
