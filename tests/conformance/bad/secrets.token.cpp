#include "conformance/exchange.hpp"

extern const Decisions decisions = {.tells_the_token_in_hex = true};
