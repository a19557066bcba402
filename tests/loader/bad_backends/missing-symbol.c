// SPDX-License-Identifier: Apache-2.0
#include "good.h"

int32_t regcred_tests_defined_nowhere(void);

GET(get) {
  (void)instance, (void)request, (void)sink;
  return regcred_tests_defined_nowhere();
}
BACKEND("missing-symbol", good_create, get)
