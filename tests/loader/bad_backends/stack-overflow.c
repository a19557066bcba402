// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include "good.h"

static int deeper(volatile char *above) {
  volatile char here[4096];
  here[0] = above[0];
  return deeper(here) + here[0];
}

GET(get) {
  (void)instance, (void)request, (void)sink;
  signal(SIGSEGV, SIG_DFL);
  volatile char start = 1;
  return deeper(&start);
}
BACKEND("stack-overflow", good_create, get)
