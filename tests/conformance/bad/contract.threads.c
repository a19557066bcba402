// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include "conformance/plain.h"

static void *sleep_on(void *argument) {
  pause();
  return argument;
}

/* Found by name, so that file.no-processes does not see it. */
GET(get) {
  int (*start)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = NULL;
  *(void **)&start = dlsym(RTLD_DEFAULT, "pthread_create");
  pthread_t thread;
  if (start == NULL || start(&thread, NULL, sleep_on, NULL) != 0) return fail_with(sink, REGCRED_INTERNAL, "no thread");
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
