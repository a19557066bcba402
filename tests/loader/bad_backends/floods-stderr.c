// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "good.h"

GET(get) {
  static char noise[4096];
  memset(noise, 'x', sizeof noise);
  for (int i = 0; i < 4096; ++i) {
    if (write(2, noise, sizeof noise) < 0) return REGCRED_INTERNAL;
  }
  return good_get(instance, request, sink);
}
BACKEND("floods-stderr", good_create, get)
