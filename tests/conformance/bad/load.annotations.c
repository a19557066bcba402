// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

static int32_t keys(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("example.com/team"));
  sink->bytes(sink->context, slice_of("example.com/team"));
  return REGCRED_OK;
}

BACKEND(.annotation_keys = keys)
