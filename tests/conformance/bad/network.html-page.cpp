#include "conformance/exchange.hpp"

extern const Decisions decisions = {.on_web_page = REGCRED_INTERNAL};
