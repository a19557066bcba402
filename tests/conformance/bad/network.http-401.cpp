#include "conformance/exchange.hpp"

extern const Decisions decisions = {.on_401 = REGCRED_NO_CREDENTIALS};
