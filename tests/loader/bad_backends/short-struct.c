// SPDX-License-Identifier: Apache-2.0
#include "good.h"

const regcred_backend_v1 *regcred_backend_entry_v1(void) {
  static const regcred_backend_v1 table = {.struct_size = 16, .abi_major = REGCRED_ABI_MAJOR};
  return &table;
}
