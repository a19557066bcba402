// SPDX-License-Identifier: Apache-2.0
#include "good.h"

GET(get) {
  (void)instance, (void)request, (void)sink;
  return REGCRED_NO_CREDENTIALS;
}
BACKEND("abstains", good_create, get)
