// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

static int32_t schema(const regcred_bytes_sink_v1 *sink) {
  static int calls;
  char text[64];
  snprintf(text, sizeof text, "{\"type\":\"object\",\"description\":\"%d\"}", ++calls);
  sink->bytes(sink->context, slice_of(text));
  return REGCRED_OK;
}

BACKEND(.settings_schema = schema)
