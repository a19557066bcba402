#include "worker/sandbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace regcred::core {
namespace {

// In a process of its own, without `closed`: 0 when what is opened next is no standard descriptor, and `closed` can
// neither give nor take a byte.
int look_without(int closed) {
  ::close(closed);
  if (!harden_process()) return 1;
  if (::open("/dev/zero", O_RDWR | O_CLOEXEC) <= STDERR_FILENO) return 2;
  char byte = 0;
  return (closed == STDIN_FILENO ? ::read(closed, &byte, 1) : ::write(closed, &byte, 1)) < 0 ? 0 : 3;
}

TEST(Sandbox, L5_no_file_takes_the_place_of_a_closed_standard_descriptor) {
  for (const int closed : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(look_without(closed));
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << closed << ": " << WEXITSTATUS(status);
  }
}

}  // namespace
}  // namespace regcred::core
