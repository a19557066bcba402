#include "conformance/exchange.hpp"

extern const Decisions decisions = {.follows_redirects = true};
