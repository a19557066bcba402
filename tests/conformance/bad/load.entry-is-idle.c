// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "conformance/plain.h"

const regcred_backend_v1 *regcred_backend_entry_v1(void) {
  static const regcred_backend_v1 table = {PLAIN_TABLE};
  (void)open("/dev/null", O_RDONLY);
  return &table;
}
