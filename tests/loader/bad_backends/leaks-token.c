// SPDX-License-Identifier: Apache-2.0
#include "good.h"

/* Puts the pod's token into its error text, with an escape sequence for the terminal. */
GET(get) {
  (void)instance;
  char text[400];
  uint64_t size = request->service_account_token.size < 300 ? request->service_account_token.size : 300;
  memcpy(text, "\x1b[31mrefused: ", 14);
  memcpy(text + 14, request->service_account_token.data, size);
  const regcred_slice slice = {text, 14 + size};
  sink->fail(sink->context, REGCRED_DENIED, -1, slice);
  return REGCRED_DENIED;
}
BACKEND("leaks-token", good_create, get)
