// SPDX-License-Identifier: Apache-2.0
#include "conformance/plain.h"

static const regcred_log_v1 *log_service;

CREATE(create) {
  log_service = host->get_service(host->context, REGCRED_SERVICE_LOG);
  return plain_create(host, settings, sink, instance);
}

GET(get) {
  if (log_service != NULL) log_service->write(log_service->context, REGCRED_LOG_ERROR + 1, slice_of("fatal"));
  return answer(sink, request->registry);
}

BACKEND(.create = create, .get_credentials = get)
