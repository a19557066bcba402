// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "good.h"

GET(get) {
  (void)instance;
  const uint64_t size = 64u << 20;
  char *bytes = malloc(size);
  if (bytes == NULL) return REGCRED_INTERNAL;
  memset(bytes, 'p', size);
  const regcred_slice secret = {bytes, size};
  const int32_t code = sink->add_auth(sink->context, request->registry, slice_of("user"), secret);
  free(bytes);
  if (code == REGCRED_OK) return REGCRED_OK;
  sink->fail(sink->context, REGCRED_BAD_UPSTREAM, -1, slice_of("the credential is larger than the host takes"));
  return REGCRED_BAD_UPSTREAM;
}
BACKEND("huge-answer", good_create, get)
