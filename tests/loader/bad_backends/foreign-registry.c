// SPDX-License-Identifier: Apache-2.0
#include "good.h"

GET(get) {
  (void)instance, (void)request;
  sink->add_auth(sink->context, slice_of("registry.evil.example"), slice_of("user"), slice_of("password"));
  return REGCRED_OK;
}
BACKEND("foreign-registry", good_create, get)
