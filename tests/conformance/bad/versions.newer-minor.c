// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

CREATE(create) {
  if (host->abi_minor > REGCRED_ABI_MINOR) {
    *instance = NULL;
    return fail_with(sink, REGCRED_INTERNAL, "the host is too new");
  }
  return plain_create(host, settings, sink, instance);
}

BACKEND(.create = create)
