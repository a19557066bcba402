// SPDX-License-Identifier: Apache-2.0
#include "load/crowd.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace regcred::testing {
namespace {

// A file in memory, for an input or an output: thousands of pipes would all have to be watched.
int make_file(const std::string &content = "") {
  const int fd = ::memfd_create("load", MFD_CLOEXEC);
  if (fd < 0) throw std::runtime_error("memfd_create");
  if (!content.empty() && ::pwrite(fd, content.data(), content.size(), 0) < 0) throw std::runtime_error("pwrite");
  return fd;
}

std::string take_file(int fd) {
  std::string text;
  std::array<char, 16384> bytes{};
  ssize_t size = 0;
  while ((size = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(text.size()))) > 0) {
    text.append(bytes.data(), static_cast<std::size_t>(size));
  }
  ::close(fd);
  return text;
}

[[noreturn]] void be_program(const std::vector<std::string> &argv, int in, int out, int err) {
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  std::vector<char *> arguments;
  for (const std::string &argument : argv) arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  char *no_environment[] = {nullptr};
  ::execve(arguments[0], arguments.data(), no_environment);
  ::_exit(127);
}

}  // namespace

Crowd::Crowd(const std::set<pid_t> &aside) : aside_(aside) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

Crowd::~Crowd() {
  for (const auto &[pid, process] : running_) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    ::close(process.out_fd);
    ::close(process.err_fd);
  }
}

void Crowd::start(int number, const std::vector<std::string> &argv, const std::string &input) {
  const int in = make_file(input);
  const Running process{number, make_file(), make_file(), std::chrono::steady_clock::now()};
  const pid_t pid = ::fork();
  if (pid == 0) be_program(argv, in, process.out_fd, process.err_fd);
  ::close(in);
  if (pid < 0) throw std::runtime_error("fork");
  running_.emplace(pid, process);
}

Finished Crowd::wait_for_one() {
  while (!running_.empty()) {
    int status = 0;
    rusage usage{};
    const pid_t pid = ::wait4(-1, &status, 0, &usage);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0 || aside_.contains(pid)) throw std::runtime_error("the server has ended");
    const auto found = running_.find(pid);
    if (found == running_.end()) {
      ++ended_late_;
      continue;
    }
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - found->second.since;
    Finished finished{found->second.number,
                      WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
                      take_file(found->second.out_fd),
                      take_file(found->second.err_fd),
                      wall.count(),
                      usage.ru_maxrss};
    running_.erase(found);
    return finished;
  }
  throw std::runtime_error("nobody runs");
}

int Crowd::left_behind() {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const std::string own_children = "/proc/self/task/" + std::to_string(::getpid()) + "/children";
  while (true) {
    int left = 0;
    std::ifstream children(own_children);
    for (pid_t child = 0; children >> child;) {
      if (aside_.contains(child)) continue;
      const bool ended = ::waitpid(child, nullptr, WNOHANG) == child;
      ended_late_ += ended ? 1 : 0;
      left += ended ? 0 : 1;
    }
    if (left == 0 || std::chrono::steady_clock::now() > give_up) return left;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace regcred::testing
