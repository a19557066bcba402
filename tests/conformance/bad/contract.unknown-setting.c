// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

CREATE(create) {
  char key[64];
  const int known = read_settings(settings, key) != SETTINGS_NO_OBJECT;
  return plain_create(host, known ? slice_of("{}") : settings, sink, instance);
}

BACKEND(.create = create)
