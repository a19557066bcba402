#include "conformance/exchange.hpp"

extern const Decisions decisions = {.asks_for_the_path = true};
