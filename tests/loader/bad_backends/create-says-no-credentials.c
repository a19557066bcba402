// SPDX-License-Identifier: Apache-2.0
#include "good.h"

static int32_t create(const regcred_host_v1 *host, regcred_slice settings, const regcred_sink_v1 *sink,
                      void **instance) {
  (void)host, (void)settings, (void)sink, (void)instance;
  return REGCRED_NO_CREDENTIALS;
}
BACKEND("create-says-no-credentials", create, good_get)
