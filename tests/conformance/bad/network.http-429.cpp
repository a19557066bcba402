#include "conformance/exchange.hpp"

extern const Decisions decisions = {.passes_retry_after_on = false};
