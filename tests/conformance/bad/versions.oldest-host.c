// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

/* Reads the member that it hopes to find behind those of the host's sink. */
GET(get) {
  const volatile unsigned char *behind = (const volatile unsigned char *)sink + sink->struct_size;
  (void)*behind;
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
