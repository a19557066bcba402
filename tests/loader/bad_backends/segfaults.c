// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include "good.h"

GET(get) {
  (void)instance, (void)request, (void)sink;
  signal(SIGSEGV, SIG_DFL); /* sanitizers install a handler of their own */
  raise(SIGSEGV);
  return REGCRED_OK;
}
BACKEND("segfaults", good_create, get)
