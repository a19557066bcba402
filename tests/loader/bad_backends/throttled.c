// SPDX-License-Identifier: Apache-2.0
#include "good.h"

GET(get) {
  (void)instance, (void)request;
  sink->fail(sink->context, REGCRED_THROTTLED, 3304, slice_of("too many exchanges from this address"));
  return REGCRED_THROTTLED;
}
BACKEND("throttled", good_create, get)
