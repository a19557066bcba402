// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

static const regcred_host_v1 *the_host;

CREATE(create) {
  the_host = host;
  return plain_create(host, settings, sink, instance);
}

static int32_t expected(void *instance UNUSED, regcred_slice registry UNUSED,
                        const regcred_bytes_sink_v1 *audiences UNUSED,
                        const regcred_bytes_sink_v1 *accepted_by UNUSED) {
  the_host->get_service(the_host->context, REGCRED_SERVICE_SECRET);
  return REGCRED_OK;
}

BACKEND(.create = create, .expected_audiences = expected)
