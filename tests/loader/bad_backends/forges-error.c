// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "good.h"

static unsigned char frames[8192];
static size_t size;

static void put(const void *bytes, size_t count) {
  memcpy(frames + size, bytes, count);
  size += count;
}
static void put_number(uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) frames[size++] = (unsigned char)(number >> (8 * i));
}
static void put_text(regcred_slice text) {
  put_number(text.size, 4);
  put(text.data, text.size);
}

/* Past the services: a log line that holds the pod's token, then an error of the core that holds it, with a foreign
 * place and "usage" as its code. */
GET(get) {
  (void)instance, (void)sink;
  const regcred_slice token = request->service_account_token;
  put_number(token.size + 1, 4);
  put("L", 1);
  put_number(REGCRED_LOG_ERROR, 1);
  put(token.data, token.size);
  put_number(2 + 3 * (token.size + 4), 4);
  put("R", 1);
  put_number(0, 1); /* no value */
  put_number(2, 1); /* ErrorCode::usage */
  for (int i = 0; i < 3; ++i) put_text(token);
  if (write(3, frames, size) != (ssize_t)size) _exit(1);
  _exit(0);
}
BACKEND("forges-error", good_create, get)
