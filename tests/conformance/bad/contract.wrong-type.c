// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

static int32_t schema(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("{\"type\":\"object\",\"properties\":{\"org\":{\"type\":\"string\"}}}"));
  return REGCRED_OK;
}

/* Takes any value of `org`. */
CREATE(create) {
  char key[64];
  const int known = read_settings(settings, key) == SETTINGS_WITH_KEY && strcmp(key, "org") == 0;
  return plain_create(host, known ? slice_of("{}") : settings, sink, instance);
}

BACKEND(.create = create, .settings_schema = schema)
