#include "conformance/exchange.hpp"

extern const Decisions decisions = {.quotes_the_body = true};
