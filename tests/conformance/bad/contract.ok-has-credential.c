// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

GET(get) {
  (void)request, (void)sink;
  return REGCRED_OK;
}

BACKEND(.get_credentials = get)
