// SPDX-License-Identifier: Apache-2.0
/*
 * Fails one call of the C library or of libcurl: LD_PRELOAD=fault.so FAULT_KIND=read FAULT_AT=7 FAULT_ERRNO=5.
 * Calls are counted in each process on its own; a forked one goes on with the count of its parent. When the call has
 * failed, the file FAULT_MARK is there. FAULT_SHORT=1: a read, write, recv or send moves one byte instead.
 */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static const char *kind;
static const char *mark;
static long at;
static long calls;
static int error_number;
static int short_transfer;

__attribute__((constructor)) static void read_environment(void) {
  const char *text = getenv("FAULT_AT");
  at = text == NULL ? 0 : atol(text);
  text = getenv("FAULT_ERRNO");
  error_number = text == NULL ? ENOMEM : atoi(text);
  short_transfer = getenv("FAULT_SHORT") != NULL;
  mark = getenv("FAULT_MARK");
  kind = getenv("FAULT_KIND");
}

/* Whether this call is the one. */
static int fails(const char *name) {
  if (kind == NULL || strcmp(kind, name) != 0 || ++calls != at) return 0;
  if (mark != NULL) syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0600));
  errno = error_number;
  return 1;
}

/* The function that this one stands before. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
/* The same of libcurl, which is no part of the global scope: only a module of regcred has it. */
#define CURLS(name) ((__typeof__(&name))dlsym(dlopen("libcurl.so.4", RTLD_NOW | RTLD_NOLOAD), #name))

void *malloc(size_t size) { return fails("malloc") ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails("malloc") ? NULL : __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return fails("malloc") ? NULL : __libc_realloc(old, size); }

/* Whether the call `name` fails; or moves but one of the `size` bytes. */
static int fails_or_is_short(const char *name, size_t *size) {
  if (!fails(name)) return 0;
  if (!short_transfer) return 1;
  *size = *size > 0 ? 1 : 0;
  return 0;
}

ssize_t read(int fd, void *bytes, size_t size) {
  return fails_or_is_short("read", &size) ? -1 : syscall(SYS_read, fd, bytes, size);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  return fails_or_is_short("write", &size) ? -1 : syscall(SYS_write, fd, bytes, size);
}

ssize_t recv(int fd, void *bytes, size_t size, int flags) {
  return fails_or_is_short("recv", &size) ? -1 : syscall(SYS_recvfrom, fd, bytes, size, flags, NULL, NULL);
}

ssize_t send(int fd, const void *bytes, size_t size, int flags) {
  return fails_or_is_short("send", &size) ? -1 : syscall(SYS_sendto, fd, bytes, size, flags, NULL, 0);
}

static int open_at(int directory, const char *path, int flags, va_list more) {
  const int mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, int) : 0;
  if (fails("open")) return -1;
  return (int)syscall(SYS_openat, directory, path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const int fd = open_at(AT_FDCWD, path, flags, more);
  va_end(more);
  return fd;
}

int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const int fd = open_at(AT_FDCWD, path, flags, more);
  va_end(more);
  return fd;
}

int openat(int directory, const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const int fd = open_at(directory, path, flags, more);
  va_end(more);
  return fd;
}

pid_t fork(void) { return fails("fork") ? -1 : NEXT(fork)(); }

int pipe2(int fds[2], int flags) { return fails("pipe") ? -1 : (int)syscall(SYS_pipe2, fds, flags); }

int poll(struct pollfd *fds, nfds_t count, int timeout) { return fails("poll") ? -1 : NEXT(poll)(fds, count, timeout); }

int socket(int domain, int type, int protocol) {
  return fails("socket") ? -1 : (int)syscall(SYS_socket, domain, type, protocol);
}

int connect(int fd, const struct sockaddr *address, socklen_t size) {
  return fails("connect") ? -1 : (int)syscall(SYS_connect, fd, address, size);
}

CURL *curl_easy_init(void) { return fails("curl_init") ? NULL : CURLS(curl_easy_init)(); }

CURLcode curl_easy_perform(CURL *easy) {
  return fails("curl_perform") ? CURLE_OUT_OF_MEMORY : CURLS(curl_easy_perform)(easy);
}

/* A macro of libcurl's header checks the type of the argument, of which there is one: no larger than a curl_off_t. */
#undef curl_easy_setopt
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...) {
  va_list more;
  va_start(more, option);
  curl_off_t argument = va_arg(more, curl_off_t);
  va_end(more);
  return fails("curl_setopt") ? CURLE_OUT_OF_MEMORY : CURLS(curl_easy_setopt)(easy, option, argument);
}
