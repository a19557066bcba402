// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "conformance/plain.h"

/* Keeps the name in 256 bytes, and gives up on a longer one. */
static int32_t serves(void *instance UNUSED, regcred_slice registry, const regcred_sink_v1 *sink UNUSED) {
  if (registry.size > 256) abort();
  return REGCRED_OK;
}

BACKEND(.serves_registry = serves)
