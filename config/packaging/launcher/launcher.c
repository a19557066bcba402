// SPDX-License-Identifier: Apache-2.0
// bin/NAME of a bundle: starts PREFIX/lib/regcred/runtime/NAME with the dynamic loader and the libraries beside it.
//
// PREFIX follows from the place of this file (/proc/self/exe) alone. What makes a loader or a libc load code or change
// how they work is taken out of the environment, and so does not reach the programs that regcred starts.
// Needs no libc, since none may be there: the kernel starts it, and it makes three or four system calls.
#include <stddef.h>
#include <sys/syscall.h>

enum { path_max = 4096, line_max = 1024, status_internal = 8, at_fdcwd = -100, enoent = 2, eacces = 13 };

// ---- the kernel ----

static long call(long number, long a, long b, long c, long d) {
#if defined(__x86_64__)
  register long fourth __asm__("r10") = d;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
#else
#error "launcher.c does not know this processor's system calls"
#endif
}

__attribute__((noreturn)) static void end(void) {
  for (;;) call(SYS_exit_group, status_internal, 0, 0, 0);
}

// ---- text ----

static size_t length(const char *text) {
  size_t size = 0;
  while (text[size] != '\0') ++size;
  return size;
}

static int begins(const char *text, const char *prefix) {
  while (*prefix != '\0') {
    if (*text++ != *prefix++) return 0;
  }
  return 1;
}

// Text that grows up to its room; `is_cut` when it had to end there.
struct text {
  char *bytes;
  size_t room;
  size_t size;
  int is_cut;
};

static void add(struct text *to, const char *from, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (to->size + 1 >= to->room) {
      to->is_cut = 1;
      break;
    }
    to->bytes[to->size++] = from[i];
  }
  to->bytes[to->size] = '\0';
}

static void add_text(struct text *to, const char *from) { add(to, from, length(from)); }

static void add_number(struct text *to, long number) {
  char digits[20];
  size_t first = sizeof digits;
  do digits[--first] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  add(to, digits + first, sizeof digits - first);
}

// ---- failure: one printable line, like every failure of regcred ----

// `path`, when there is one, ends the cure, in quotes for a shell.
__attribute__((noreturn)) static void fail(const char *where, const char *what, long error, const char *cure,
                                           const char *path) {
  char bytes[line_max];
  struct text line = {bytes, sizeof bytes, 0, 0};
  add_text(&line, "regcred: ");
  const size_t shown_max = 300;
  add(&line, where, length(where) < shown_max ? length(where) : shown_max);
  add_text(&line, ": ");
  add_text(&line, what);
  if (error != 0) {
    add_text(&line, " (error ");
    add_number(&line, error);
    add_text(&line, ")");
  }
  add_text(&line, "; ");
  add_text(&line, cure);
  if (path != NULL) {
    add_text(&line, " '");
    add(&line, path, length(path) < shown_max ? length(path) : shown_max);
    add_text(&line, "'");
  }
  for (size_t i = 0; i < line.size; ++i) {
    if (bytes[i] < ' ' || bytes[i] > '~') bytes[i] = '?';
  }
  bytes[line.size++] = '\n';
  call(SYS_write, 2, (long)bytes, (long)line.size, 0);
  end();
}

// ---- the environment ----

// By prefix. Not the resolver's variables: they are for the administrator of the node.
static const char dropped[][16] = {"LD_", "GLIBC_TUNABLES=", "MALLOC_", "GCONV_PATH=", "LOCPATH="};

static void clean(char **environment) {
  char **kept = environment;
  for (; *environment != NULL; ++environment) {
    int is_dropped = 0;
    // guard: bundle-environment
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; ++i) is_dropped |= begins(*environment, dropped[i]);
    if (!is_dropped) *kept++ = *environment;
  }
  *kept = NULL;
}

static int has_one_of(const char *text, const char *characters) {
  for (; *text != '\0'; ++text) {
    for (const char *one = characters; *one != '\0'; ++one) {
      if (*text == *one) return 1;
    }
  }
  return 0;
}

// ---- start ----

// `stack` is what the kernel left there: argc, the arguments, NULL, the environment, NULL.
__attribute__((noreturn, used)) void launch(long *stack) {
  const size_t argc = (size_t)stack[0];
  char **const argv = (char **)(stack + 1);
  char **const environment = argv + argc + 1;

  char own[path_max];
  const long size = call(SYS_readlinkat, at_fdcwd, (long)"/proc/self/exe", (long)own, sizeof own - 1);
  if (size <= 0) fail("/proc/self/exe", "cannot be read", -size, "mount /proc", NULL);
  own[size] = '\0';
  size_t name = (size_t)size;
  while (name > 0 && own[name - 1] != '/') --name;
  size_t prefix = name > 0 ? name - 1 : 0;
  while (prefix > 0 && own[prefix - 1] != '/') --prefix;

  char directory_bytes[path_max];
  struct text directory = {directory_bytes, sizeof directory_bytes, 0, 0};
  add(&directory, own, prefix);
  add_text(&directory, "lib/regcred/runtime");
  // They mean something else to the loader in a list of directories: it would look in others, even in relative ones.
  // guard: bundle-path
  if (has_one_of(directory_bytes, ":;$")) {
    fail(own, "is in a directory with ':', ';' or '$' in its path, which the loader takes apart", 0,
         "unpack the bundle where the path has none of them", NULL);
  }
  char loader_bytes[path_max];
  struct text loader = {loader_bytes, sizeof loader_bytes, 0, 0};
  add_text(&loader, directory_bytes);
  add_text(&loader, "/" LOADER);
  char program_bytes[path_max];
  struct text program = {program_bytes, sizeof program_bytes, 0, 0};
  add_text(&program, directory_bytes);
  add_text(&program, "/");
  add_text(&program, own + name);
  // Named with their directory, they are opened at once. The loader would look for them in twenty directories below
  // this one first, for libraries of later processors. It takes lists apart at spaces.
  char libraries_bytes[2 * path_max];
  struct text libraries = {libraries_bytes, sizeof libraries_bytes, 0, 0};
  add_text(&libraries, directory_bytes);
  add_text(&libraries, "/libm.so.6:");
  add_text(&libraries, directory_bytes);
  add_text(&libraries, "/libc.so.6");
  if (loader.is_cut || program.is_cut || libraries.is_cut)
    fail(own, "its path is too long", 0, "unpack the bundle nearer to /", NULL);

  enum { options_max = 9 };
  char **const arguments = __builtin_alloca((options_max + argc + 1) * sizeof(char *));
  size_t at = 0;
  arguments[at++] = loader_bytes;
  arguments[at++] = "--inhibit-cache";
  arguments[at++] = "--library-path";
  arguments[at++] = directory_bytes;
  if (!has_one_of(directory_bytes, " ")) {
    arguments[at++] = "--preload";
    arguments[at++] = libraries_bytes;
  }
  arguments[at++] = "--argv0";
  arguments[at++] = argc > 0 ? argv[0] : own + name;
  arguments[at++] = program_bytes;
  for (size_t i = 1; i < argc; ++i) arguments[at++] = argv[i];
  arguments[at] = NULL;
  clean(environment);
  const long error = -call(SYS_execve, (long)loader_bytes, (long)arguments, (long)environment, 0);

  if (error == enoent) {
    fail(own, "is a copy outside its bundle: there is no lib/regcred/runtime/" LOADER " beside its directory", 0,
         "remove it and make a symbolic link to bin/regcred of the unpacked bundle", NULL);
  }
  if (error == eacces) {
    fail(loader_bytes, "may not be executed", 0,
         "give it mode 0755, or unpack the bundle where programs may be started (no option noexec): findmnt -T",
         loader_bytes);
  }
  fail(loader_bytes, "cannot be started", error, "unpack the bundle again", NULL);
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call launch\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n  mov x29, #0\n  mov x30, #0\n  mov x0, sp\n  bl launch\n");
#endif
