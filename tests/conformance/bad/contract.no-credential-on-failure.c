// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

CREATE(create) {
  const int32_t code = plain_create(host, settings, sink, instance);
  if (code != REGCRED_OK) answer(sink, slice_of("registry.example.com"));
  return code;
}

BACKEND(.create = create)
