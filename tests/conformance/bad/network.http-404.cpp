#include "conformance/exchange.hpp"

extern const Decisions decisions = {.on_404 = REGCRED_NO_CREDENTIALS};
