// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "conformance/plain.h"

GET(get) {
  if (request->image.size == UINT64_MAX) (void)fork();
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
