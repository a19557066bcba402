// SPDX-License-Identifier: Apache-2.0
#include "good.h"

enum { levels = 3000 };

static int32_t deep(const regcred_bytes_sink_v1 *sink) {
  static const char head[] = "{\"type\":\"object\",\"examples\":";
  static char text[sizeof head + 2 * levels + 1];
  const size_t begin = sizeof head - 1;
  const regcred_slice slice = {text, begin + 2 * levels + 1};
  memcpy(text, head, begin);
  memset(text + begin, '[', levels);
  memset(text + begin + levels, ']', levels);
  text[begin + 2 * levels] = '}';
  sink->bytes(sink->context, slice);
  return REGCRED_OK;
}
TABLE("deep-schema", "1.0.0", REGCRED_TOKEN_OPTIONAL, good_create, good_get, deep, good_annotations)
