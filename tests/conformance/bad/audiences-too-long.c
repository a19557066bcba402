// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

/* An audience of 257 bytes, for one registry. */
static int32_t expected(void *instance UNUSED, regcred_slice registry, const regcred_bytes_sink_v1 *audiences,
                        const regcred_bytes_sink_v1 *accepted_by UNUSED) {
  static char audience[257];
  memset(audience, 'a', sizeof(audience));
  const regcred_slice value = {audience, sizeof(audience)};
  if (registry.size == 1) audiences->bytes(audiences->context, value);
  return REGCRED_OK;
}

BACKEND(.expected_audiences = expected)
