#include "conformance/plain.h"

BACKEND(.version = SLICE("1.0\n"))
