// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

GET(get) {
  printf("hello\n");
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
