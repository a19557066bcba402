// SPDX-License-Identifier: Apache-2.0
#include "good.h"

GET(get) {
  (void)instance, (void)request;
  sink->add_auth(sink->context, slice_of("reg.example.com/team"), slice_of("user"), slice_of("password-of-team"));
  return sink->set_cache(sink->context, REGCRED_SCOPE_REGISTRY, 100);
}
BACKEND("path-scoped", good_create, get)
