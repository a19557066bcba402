// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "good.h"

/* Writes past the ABI into the pipe that it must not know. */
GET(get) {
  (void)instance, (void)request, (void)sink;
  static char noise[65536];
  memset(noise, 0x7f, sizeof noise);
  for (int i = 0; i < 1024; ++i) {
    if (write(3, noise, sizeof noise) < 0) break;
  }
  return REGCRED_OK;
}
BACKEND("floods-result", good_create, get)
