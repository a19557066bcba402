// SPDX-License-Identifier: Apache-2.0
#include "good.h"

int regcred_tests_needed(void);

GET(get) {
  if (regcred_tests_needed() != 0) return REGCRED_INTERNAL;
  return good_get(instance, request, sink);
}
BACKEND("missing-dependency", good_create, get)
