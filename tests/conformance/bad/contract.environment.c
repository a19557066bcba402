// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "conformance/plain.h"

GET(get) {
  setenv("REGCRED_TESTS", "1", 1);
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
