// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

CREATE(create) {
  char key[64];
  if (read_settings(settings, key) != SETTINGS_NO_OBJECT) return plain_create(host, settings, sink, instance);
  *instance = NULL;
  return fail_with(sink, REGCRED_BAD_CONFIG, "\x1b[31msettings must be a mapping");
}

BACKEND(.create = create)
