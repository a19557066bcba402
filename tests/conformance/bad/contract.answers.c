// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

GET(get) {
  (void)request;
  return fail_with(sink, REGCRED_DENIED, "not today");
}

BACKEND(.get_credentials = get)
