// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

BACKEND(.reserved = 1)
