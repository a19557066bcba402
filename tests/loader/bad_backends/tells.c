// SPDX-License-Identifier: Apache-2.0
/* A good one that tells, as its username, what the worker it runs in looks like. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "good.h"

static int open_descriptors(void) {
  int count = 0;
  DIR *directory = opendir("/proc/self/fd");
  while (directory != NULL && readdir(directory) != NULL) ++count;
  closedir(directory);
  return count - 3; /* ".", ".." and the directory itself */
}

GET(get) {
  char text[256];
  char cwd[64];
  struct rlimit core;
  (void)instance;
  getrlimit(RLIMIT_CORE, &core);
  snprintf(text, sizeof text,
           "dumpable=%d core=%lu no_new_privs=%d environment=%d cwd=%s umask=%03o descriptors=%d leader=%d",
           prctl(PR_GET_DUMPABLE), (unsigned long)core.rlim_max, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
           environ == NULL || *environ == NULL ? 0 : 1, getcwd(cwd, sizeof cwd), (unsigned)umask(077),
           open_descriptors(), getpgrp() == getpid());
  sink->add_auth(sink->context, request->registry, slice_of(text), slice_of("password"));
  return REGCRED_OK;
}
BACKEND("tells", good_create, get)
