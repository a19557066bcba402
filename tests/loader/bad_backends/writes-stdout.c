// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <unistd.h>

#include "good.h"

/* Harmless in the worker: its standard output is not the kubelet's. */
GET(get) {
  puts("{\"this\": \"is not the answer\"}");
  fflush(stdout);
  if (write(1, "noise", 5) < 0) return REGCRED_INTERNAL;
  return good_get(instance, request, sink);
}
BACKEND("writes-stdout", good_create, get)
