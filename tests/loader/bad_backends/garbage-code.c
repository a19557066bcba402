// SPDX-License-Identifier: Apache-2.0
#include "good.h"

GET(get) {
  (void)instance, (void)request, (void)sink;
  return 4711;
}
BACKEND("garbage-code", good_create, get)
