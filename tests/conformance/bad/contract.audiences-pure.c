// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

/* Another audience for each call. */
static int32_t expected(void *instance UNUSED, regcred_slice registry UNUSED, const regcred_bytes_sink_v1 *audiences,
                        const regcred_bytes_sink_v1 *accepted_by UNUSED) {
  static char audience[] = "audience-a";
  audience[sizeof(audience) - 2]++;
  const regcred_slice value = {audience, sizeof(audience) - 1};
  audiences->bytes(audiences->context, value);
  return REGCRED_OK;
}

BACKEND(.expected_audiences = expected)
