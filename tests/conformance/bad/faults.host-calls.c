// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

GET(get) {
  sink->add_auth(sink->context, request->registry, slice_of("robot"), slice_of("pa55-word-of-plain"));
  return REGCRED_OK;
}

BACKEND(.get_credentials = get)
