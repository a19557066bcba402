#include "conformance/exchange.hpp"

extern const Decisions decisions = {.on_500_without_log = REGCRED_NO_CREDENTIALS};
