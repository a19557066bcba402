#include "conformance/exchange.hpp"

extern const Decisions decisions = {.searches_broken_json = true};
