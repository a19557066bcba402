// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

/* Refuses what has a port, and then answers for it. */
static int32_t serves(void *instance UNUSED, regcred_slice registry, const regcred_sink_v1 *sink) {
  if (registry.size == 0 || memchr(registry.data, ':', registry.size) == NULL) return REGCRED_OK;
  return fail_with(sink, REGCRED_BAD_CONFIG, "a registry has no port");
}

BACKEND(.serves_registry = serves)
