#include "conformance/exchange.hpp"

extern const Decisions decisions = {.guesses_a_lifetime = true};
