// SPDX-License-Identifier: Apache-2.0
#include "good.h"

/* One annotation key more than the host takes. */
static int32_t keys(const regcred_bytes_sink_v1 *sink) {
  for (int i = 0; i < 65; ++i) sink->bytes(sink->context, slice_of("example.com/key"));
  return REGCRED_OK;
}
TABLE("endless-keys", "1.0.0", REGCRED_TOKEN_OPTIONAL, good_create, good_get, good_schema, keys)
