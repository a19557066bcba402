// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "good.h"

/* Touches all it gets until there is no more, then gives up as the C library would. */
GET(get) {
  (void)instance, (void)request, (void)sink;
  for (;;) {
    char *bytes = malloc(16u << 20);
    if (bytes == NULL) abort();
    memset(bytes, 1, 4096);
  }
}
BACKEND("eats-memory", good_create, get)
