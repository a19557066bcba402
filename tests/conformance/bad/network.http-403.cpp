#include "conformance/exchange.hpp"

extern const Decisions decisions = {.on_403 = REGCRED_BAD_UPSTREAM};
