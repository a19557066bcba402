// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

static int32_t serves(void *instance UNUSED, regcred_slice registry, const regcred_sink_v1 *sink UNUSED) {
  return registry.size == 0 ? REGCRED_BAD_CONFIG : REGCRED_OK;
}

BACKEND(.serves_registry = serves)
