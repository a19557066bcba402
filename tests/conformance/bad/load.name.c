#include "conformance/plain.h"

BACKEND(.name = SLICE("another-name"))
