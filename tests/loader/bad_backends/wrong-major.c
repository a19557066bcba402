// SPDX-License-Identifier: Apache-2.0
#include "good.h"

const regcred_backend_v1 *regcred_backend_entry_v1(void) {
  static const regcred_backend_v1 table = {.struct_size = sizeof(regcred_backend_v1), .abi_major = 2, .abi_minor = 7};
  return &table;
}
