// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

CREATE(create) {
  char key[64];
  if (read_settings(settings, key) != SETTINGS_NO_OBJECT) return plain_create(host, settings, sink, instance);
  *instance = NULL;
  return fail_with(sink, 4711, "a code of my own");
}

BACKEND(.create = create)
