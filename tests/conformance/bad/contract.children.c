// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/plain.h"

/* A grandchild whose parent has gone; fork is found by name, so that file.no-processes does not see it. */
GET(get) {
  pid_t (*split)(void) = NULL;
  *(void **)&split = dlsym(RTLD_DEFAULT, "fork");
  if (split == NULL) return fail_with(sink, REGCRED_INTERNAL, "no fork");
  const pid_t child = split();
  if (child == 0) {
    if (split() == 0) pause();
    _exit(0);
  }
  waitpid(child, NULL, 0);
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
