// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

GET(get) {
  (void)request;
  return answer(sink, slice_of("registry.example.com/te"));
}

BACKEND(.get_credentials = get)
