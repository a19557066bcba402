// SPDX-License-Identifier: Apache-2.0
#include "services/process/program_image.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "common/close_from.hpp"
#include "common/write_all.hpp"

namespace regcred::core {
namespace {

constexpr int failure_fd = 3;
constexpr int file_fd = 4;
// Of memory that is written to. The worker's own limit counts addresses, of which programs in Go, Java or JavaScript
// reserve many times what they use.
constexpr rlim_t data_bytes_max = 2ULL << 30U;

void set_variable(std::vector<std::string> &variables, std::string variable) {
  const std::string name = variable.substr(0, variable.find('=') + 1);
  std::erase_if(variables, [&](const std::string &other) { return other.starts_with(name); });
  variables.push_back(std::move(variable));
}

// Descriptors 0 to 2 are the pipes; 3 and 4 are closed by exec, and there are no others.
bool arrange(ProgramImage::Descriptors from, int file) noexcept {
  // They may stand anywhere: lift them above before the low numbers are filled.
  const int input = ::fcntl(from.input, F_DUPFD, file_fd + 1);
  const int output = ::fcntl(from.output, F_DUPFD, file_fd + 1);
  const int errors = ::fcntl(from.errors, F_DUPFD, file_fd + 1);
  const int failure = ::fcntl(from.failure, F_DUPFD, file_fd + 1);
  const int program = ::fcntl(file, F_DUPFD, file_fd + 1);
  const bool done = ::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0 &&
                    ::dup2(errors, STDERR_FILENO) >= 0 && ::dup3(failure, failure_fd, O_CLOEXEC) >= 0 &&
                    ::dup3(program, file_fd, O_CLOEXEC) >= 0;
  if (done) close_from(file_fd + 1);  // guard: program-descriptors
  return done;
}

// What execve keeps of this process and a program does not expect.
void reset_signals() noexcept {
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// No core dumps, and less memory than an operator's own limit, where there is one, only.
bool limit_resources() noexcept {
  constexpr rlimit none{0, 0};
  constexpr rlimit data{data_bytes_max, data_bytes_max};
  rlimit now{};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::getrlimit(RLIMIT_DATA, &now) != 0) return false;
  if (now.rlim_max > data_bytes_max && ::setrlimit(RLIMIT_DATA, &data) != 0) return false;
  if (::getrlimit(RLIMIT_AS, &now) != 0) return false;
  now.rlim_cur = now.rlim_max;  // the worker lowers the first alone
  return ::setrlimit(RLIMIT_AS, &now) == 0;
}

}  // namespace

ProgramImage::ProgramImage(int file, const ProgramRequest &request, const std::vector<std::string> &variables)
    : file_(file) {
  std::vector<std::string> environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C"};
  for (const std::string &variable : variables) set_variable(environment, variable);
  for (const auto &[name, value] : request.environment) {
    set_variable(environment, std::string(name) + '=' + std::string(value));
  }
  texts_.emplace_back(request.path);
  texts_.insert(texts_.end(), request.arguments.begin(), request.arguments.end());
  const std::size_t arguments = texts_.size();
  std::move(environment.begin(), environment.end(), std::back_inserter(texts_));
  for (std::size_t i = 0; i < texts_.size(); ++i) (i < arguments ? argv_ : envp_).push_back(texts_[i].data());
  argv_.push_back(nullptr);
  envp_.push_back(nullptr);
}

void ProgramImage::become(pid_t parent, Descriptors descriptors) const noexcept {
  int failure = descriptors.failure;
  if (arrange(descriptors, file_)) {
    failure = failure_fd;
    start(parent);
  }
  const char reason = static_cast<char>(errno);  // all of Linux are below 256
  (void)write_all(failure, {&reason, 1});
  ::_exit(127);
}

// Returns when the program cannot be started.
void ProgramImage::start(pid_t parent) const noexcept {
  reset_signals();
  if (::setsid() < 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return;  // guard: program-dies-with-parent
  if (::getppid() != parent) ::_exit(127);  // it died before the line above took effect
  if (::chdir("/") != 0) return;
  ::umask(077);
  if (!limit_resources() || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return;
  ::execveat(file_fd, "", argv_.data(), envp_.data(), AT_EMPTY_PATH);
  // A script's interpreter opens the script by its name, so a descriptor that exec closes is of no use to it. Nobody
  // but root (or us) can change what the name leads to: that is what was judged.
  if (errno == ENOENT) ::execve(argv_.front(), argv_.data(), envp_.data());
}

}  // namespace regcred::core
