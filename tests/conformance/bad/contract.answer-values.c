// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

/* Without a username container runtimes ignore the password. */
GET(get) {
  if (sink->add_auth(sink->context, request->registry, slice_of(""), slice_of("pa55-word-of-plain")) != REGCRED_OK) {
    return fail_with(sink, REGCRED_INTERNAL, "the host refused the credential");
  }
  return REGCRED_OK;
}

BACKEND(.get_credentials = get)
