#include "conformance/exchange.hpp"

extern const Decisions decisions = {.on_empty_body = REGCRED_NO_CREDENTIALS};
