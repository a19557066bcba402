#include "conformance/exchange.hpp"

extern const Decisions decisions = {.caps_the_lifetime = false};
