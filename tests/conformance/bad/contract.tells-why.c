// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

CREATE(create) {
  char key[64];
  if (read_settings(settings, key) != SETTINGS_NO_OBJECT) return plain_create(host, settings, sink, instance);
  *instance = NULL;
  return REGCRED_BAD_CONFIG;
}

BACKEND(.create = create)
