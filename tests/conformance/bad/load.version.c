// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

BACKEND(.version = SLICE("1.0\n"))
