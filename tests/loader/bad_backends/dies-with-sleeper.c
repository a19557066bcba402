// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "good.h"

/* Ends without an answer while a child keeps the result pipe open. */
GET(get) {
  (void)instance, (void)request, (void)sink;
  if (fork() == 0) {
    sleep(30);
    _exit(0);
  }
  _exit(3);
}
BACKEND("dies-with-sleeper", good_create, get)
