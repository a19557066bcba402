// SPDX-License-Identifier: Apache-2.0
#include "good.h"

static int32_t no_json(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("{\"type\":"));
  return REGCRED_OK;
}
TABLE("odd-schema", "1.0.0", REGCRED_TOKEN_OPTIONAL, good_create, good_get, no_json, good_annotations)
