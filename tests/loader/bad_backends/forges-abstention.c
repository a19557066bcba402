// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "good.h"

/* When it reads its settings, says in the worker's place that there are no credentials, in a frame that is whole. */
static int32_t create(const regcred_host_v1 *host, regcred_slice settings, const regcred_sink_v1 *sink,
                      void **instance) {
  static const unsigned char frame[] = {
      38,  0,   0,   0,   'R', 1,   1,   0,   0, 0, 1,    /* a result: one outcome, and it has a value */
      1,   0,   0,   0,                                   /* REGCRED_NO_CREDENTIALS */
      0,   0,   0,   0,                                   /* without a text */
      255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, /* no time to wait, scope image */
      255, 255, 255, 255, 255, 255, 255, 255,             /* unknown lifetime */
      0,   0,   0,   0};                                  /* no credential */
  (void)host, (void)settings, (void)sink, (void)instance;
  if (write(3, frame, sizeof frame) != sizeof frame) _exit(1);
  _exit(0);
}
BACKEND("forges-abstention", create, good_get)
