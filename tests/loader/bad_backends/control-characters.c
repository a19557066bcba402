// SPDX-License-Identifier: Apache-2.0
#include "good.h"

GET(get) {
  (void)instance;
  sink->add_auth(sink->context, request->registry, slice_of("user\r\nX-Evil: 1"), slice_of("password"));
  return REGCRED_OK;
}
BACKEND("control-characters", good_create, get)
