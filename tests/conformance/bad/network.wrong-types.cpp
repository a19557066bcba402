#include "conformance/exchange.hpp"

extern const Decisions decisions = {.takes_numbers_as_text = true};
