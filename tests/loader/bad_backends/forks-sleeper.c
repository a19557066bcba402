// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "good.h"

/* Answers well, but leaves a child behind that holds every descriptor it inherited. */
GET(get) {
  if (fork() == 0) {
    sleep(30);
    _exit(0);
  }
  return good_get(instance, request, sink);
}
BACKEND("forks-sleeper", good_create, get)
