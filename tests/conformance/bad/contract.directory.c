// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "conformance/plain.h"

GET(get) {
  if (chdir("/tmp") != 0) return fail_with(sink, REGCRED_INTERNAL, "no /tmp");
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
