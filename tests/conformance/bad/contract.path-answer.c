// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

/* The username is the image's path, and yet the answer is for the whole registry. */
GET(get) {
  const regcred_slice path = {request->image.data + request->registry.size + 1,
                              request->image.size - request->registry.size - 1};
  if (sink->add_auth(sink->context, request->registry, path, slice_of("pa55-word-of-plain")) != REGCRED_OK ||
      sink->set_cache(sink->context, REGCRED_SCOPE_REGISTRY, 3600) != REGCRED_OK) {
    return fail_with(sink, REGCRED_INTERNAL, "the host refused the credential");
  }
  return REGCRED_OK;
}

BACKEND(.get_credentials = get)
