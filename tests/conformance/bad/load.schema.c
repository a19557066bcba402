// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

static int32_t schema(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("[\"object\"]"));
  return REGCRED_OK;
}

BACKEND(.settings_schema = schema)
