// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include "conformance/plain.h"

GET(get) {
  if (request->image.size == UINT64_MAX) (void)socket(AF_INET, SOCK_STREAM, 0);
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
