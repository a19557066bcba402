// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "good.h"

GET(get) {
  (void)instance, (void)request, (void)sink;
  abort();
}
BACKEND("aborts", good_create, get)
