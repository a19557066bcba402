#include "conformance/plain.h"

BACKEND(.reserved = 1)
