// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

GET(get) {
  if (request->struct_size != sizeof *request) return fail_with(sink, REGCRED_INTERNAL, "not the host I was built for");
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
