// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

/* An address in the midst of the code: it is known only once the file is loaded. */
static const char target;
__asm__(".pushsection .text\n.balign 8\n.quad .Lhere\n.Lhere:\n.popsection\n");

const void *regcred_tests_keep(void) { return &target; }

BACKEND()
