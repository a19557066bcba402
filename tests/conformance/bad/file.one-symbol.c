// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

REGCRED_EXPORT int regcred_tests_second_symbol(void);
int regcred_tests_second_symbol(void) { return 1; }

BACKEND()
