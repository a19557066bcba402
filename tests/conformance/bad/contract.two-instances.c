// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

static int alive;

CREATE(create) {
  *instance = NULL;
  if (alive) return fail_with(sink, REGCRED_INTERNAL, "there is an instance already");
  const int32_t code = plain_create(host, settings, sink, instance);
  alive = code == REGCRED_OK;
  return code;
}

static void destroy(void *instance) {
  (void)instance;
  alive = 0;
}

BACKEND(.create = create, .destroy = destroy)
