// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "good.h"

/* Answers well, but leaves a daemon behind: in a session of its own, and no child of the worker. */
GET(get) {
  if (fork() == 0) {
    setsid();
    if (fork() == 0) sleep(30);
    _exit(0);
  }
  return good_get(instance, request, sink);
}
BACKEND("daemonizes", good_create, get)
