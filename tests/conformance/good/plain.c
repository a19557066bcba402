#include "conformance/plain.h"

BACKEND()
