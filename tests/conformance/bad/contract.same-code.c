// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

CREATE(create) {
  const int32_t code = plain_create(host, settings, sink, instance);
  if (code != REGCRED_OK) fail_with(sink, REGCRED_DENIED, "settings.regcredConformanceUnknownKey is unknown");
  return code;
}

BACKEND(.create = create)
