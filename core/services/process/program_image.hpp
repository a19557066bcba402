// SPDX-License-Identifier: Apache-2.0
// The child between fork and exec.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "services/process/programs.hpp"

namespace regcred::core {

// What a program is started with, complete before the fork: the child allocates nothing.
class ProgramImage {
 public:
  // `file` is the opened program. PATH and LANG, then `variables` (NAME=value), then the request's own: the last of a
  // name counts.
  ProgramImage(int file, const ProgramRequest &request, const std::vector<std::string> &variables);

  struct Descriptors {
    int input;
    int output;
    int errors;
    int failure;  // gets the errno, one byte, when the program cannot be started; closed when it can
  };

  // Makes this process, forked by `parent`, the program.
  [[noreturn]] void become(pid_t parent, Descriptors descriptors) const noexcept;

 private:
  void start(pid_t parent) const noexcept;

  int file_;
  std::vector<std::string> texts_;  // path, arguments, variables
  std::vector<char *> argv_;
  std::vector<char *> envp_;
};

}  // namespace regcred::core
