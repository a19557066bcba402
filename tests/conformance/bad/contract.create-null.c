// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

CREATE(create) {
  void *made = NULL;
  const int32_t code = plain_create(host, settings, sink, &made);
  if (code == REGCRED_OK) *instance = made;
  return code;
}

BACKEND(.create = create)
