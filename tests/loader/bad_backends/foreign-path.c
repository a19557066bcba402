// SPDX-License-Identifier: Apache-2.0
#include "good.h"

/* Half a path segment of the asked image is somebody else's repository. */
GET(get) {
  (void)instance, (void)request;
  sink->add_auth(sink->context, slice_of("reg.example.com/te"), slice_of("user"), slice_of("password"));
  return REGCRED_OK;
}
BACKEND("foreign-path", good_create, get)
