#include "conformance/exchange.hpp"

extern const Decisions decisions = {.on_reset = REGCRED_DENIED};
