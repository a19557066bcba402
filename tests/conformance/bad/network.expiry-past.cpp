#include "conformance/exchange.hpp"

extern const Decisions decisions = {.hands_out_what_expired = true};
