#include "conformance/exchange.hpp"

extern const Decisions decisions = {.on_no_time_after_the_call = REGCRED_DENIED};
