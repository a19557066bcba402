// SPDX-License-Identifier: Apache-2.0
/* A good one that logs at levels which do not exist: through the host, and in frames of its own. */
#include <unistd.h>

#include "good.h"

static int32_t create(const regcred_host_v1 *host, regcred_slice settings, const regcred_sink_v1 *sink,
                      void **instance) {
  static const int32_t levels[] = {INT32_MIN, -129, -1, 4, 5, 100, 127, 128, 255, 256, 259, INT32_MAX};
  const regcred_log_v1 *log = host->get_service(host->context, REGCRED_SERVICE_LOG);
  (void)settings, (void)sink;
  *instance = NULL;
  for (size_t i = 0; i < sizeof levels / sizeof *levels; ++i) {
    log->write(log->context, levels[i], slice_of(log->enabled(log->context, levels[i]) ? "shown" : "unasked"));
  }
  for (int level = -128; level < 128; ++level) {
    if (level >= 0 && level <= 3) continue;
    const char frame[] = {7, 0, 0, 0, 'L', (char)level, 'f', 'o', 'r', 'g', 'e', 'd'};
    if (write(3, frame, sizeof frame) != sizeof frame) return REGCRED_INTERNAL;
  }
  return REGCRED_OK;
}
BACKEND("odd-levels", create, good_get)
