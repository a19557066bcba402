// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

/* Asks twice, so that a host that fails once does not show it. */
CREATE(create) {
  const void *clock = host->get_service(host->context, REGCRED_SERVICE_CLOCK);
  if (clock == NULL) clock = host->get_service(host->context, REGCRED_SERVICE_CLOCK);
  if (clock != NULL) return plain_create(host, settings, sink, instance);
  *instance = NULL;
  return REGCRED_NO_CREDENTIALS;
}

BACKEND(.create = create)
