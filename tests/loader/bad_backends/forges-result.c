// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "good.h"

/* When it is loaded, says in the worker's place what the worker has found out, in a frame that is whole. */
const regcred_backend_v1 *regcred_backend_entry_v1(void) {
  static const char frame[] = {8, 0, 0, 0, 'R', 'n', 'o', 'n', 's', 'e', 'n', 's', 'e'};
  if (write(3, frame, sizeof frame) != sizeof frame) _exit(1);
  _exit(0);
}
