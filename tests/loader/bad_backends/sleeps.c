// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "good.h"

GET(get) {
  (void)instance, (void)request, (void)sink;
  for (;;) {
    pause();
  }
  return REGCRED_OK;
}
BACKEND("sleeps", good_create, get)
