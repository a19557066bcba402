// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "conformance/plain.h"

static int answered;

GET(get) {
  answered = 1;
  return answer(sink, request->registry);
}

/* Relies on a request before it. */
static void destroy(void *instance) {
  (void)instance;
  if (!answered) abort();
}

BACKEND(.get_credentials = get, .destroy = destroy)
