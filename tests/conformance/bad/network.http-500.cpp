#include "conformance/exchange.hpp"

extern const Decisions decisions = {.on_500 = REGCRED_DENIED};
