// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "conformance/plain.h"

GET(get) {
  umask(0123);
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
