#include "conformance/exchange.hpp"

extern const Decisions decisions = {};
