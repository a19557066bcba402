// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

/* Takes no registry at all only when it is asked again. */
static int32_t serves(void *instance UNUSED, regcred_slice registry, const regcred_sink_v1 *sink) {
  static int asked;
  if (registry.size > 0 || asked++ > 0) return REGCRED_OK;
  return fail_with(sink, REGCRED_BAD_CONFIG, "there is no registry");
}

BACKEND(.serves_registry = serves)
