#include "conformance/exchange.hpp"

extern const Decisions decisions = {.logs_the_password = true};
