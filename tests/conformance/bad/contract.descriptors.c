// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "conformance/plain.h"

GET(get) {
  (void)open("/dev/null", O_RDONLY);
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
