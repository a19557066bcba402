#include "conformance/exchange.hpp"

extern const Decisions decisions = {.calls_in_create = true};
