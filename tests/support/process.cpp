// SPDX-License-Identifier: Apache-2.0
#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace regcred::testing {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  return {ends[0], ends[1]};
}

// The arguments of execve, made before the fork: the threads of a test's servers may hold the allocator's lock then,
// and a child that allocates waits for it for ever (sanitizers' allocators do not undo that).
struct Program {
  explicit Program(const ProcessInput &input) {
    for (const auto &[name, value] : input.environment) variables.push_back(name + "=" + value);
    for (const std::string &item : input.argv) argv.push_back(const_cast<char *>(item.c_str()));
    for (const std::string &item : variables) envp.push_back(const_cast<char *>(item.c_str()));
    argv.push_back(nullptr);
    envp.push_back(nullptr);
  }
  std::vector<std::string> variables;
  std::vector<char *> argv;  // points into the input
  std::vector<char *> envp;  // points into `variables`
};

[[noreturn]] void be_program(const Program &program, const Pipe &in, const Pipe &out, const Pipe &err) {
  ::dup2(in.read, 0);
  ::dup2(out.write, 1);
  ::dup2(err.write, 2);
  ::execve(program.argv[0], program.argv.data(), program.envp.data());
  ::_exit(127);
}

void feed(pollfd &entry, const std::string &text, std::size_t &written) {
  if (entry.fd < 0 || entry.revents == 0) return;
  const ssize_t size = ::write(entry.fd, text.data() + written, text.size() - written);
  if (size > 0) written += static_cast<std::size_t>(size);
  if (size < 0 || written == text.size()) {
    ::close(entry.fd);
    entry.fd = -1;
  }
}

void collect(pollfd &entry, std::string &text) {
  if (entry.fd < 0 || entry.revents == 0) return;
  std::array<char, 65536> chunk{};
  const ssize_t size = ::read(entry.fd, chunk.data(), chunk.size());
  if (size > 0) {
    text.append(chunk.data(), static_cast<std::size_t>(size));
  } else {
    ::close(entry.fd);
    entry.fd = -1;
  }
}

}  // namespace

ProcessOutput run_process(const ProcessInput &input) {
  ::signal(SIGPIPE, SIG_IGN);
  const Pipe in = make_pipe();
  const Pipe out = make_pipe();
  const Pipe err = make_pipe();
  const Program program(input);
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) be_program(program, in, out, err);
  ::close(in.read);
  ::close(out.write);
  ::close(err.write);

  ProcessOutput result;
  std::size_t written = 0;
  std::array<pollfd, 3> fds = {pollfd{in.write, POLLOUT, 0}, pollfd{out.read, POLLIN, 0}, pollfd{err.read, POLLIN, 0}};
  if (input.in.empty()) {
    ::close(in.write);
    fds[0].fd = -1;
  }
  while (fds[1].fd >= 0 || fds[2].fd >= 0) {
    ::poll(fds.data(), fds.size(), -1);
    feed(fds[0], input.in, written);
    collect(fds[1], result.out);
    collect(fds[2], result.err);
  }
  if (fds[0].fd >= 0) ::close(fds[0].fd);
  result.until_eof = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  int status = 0;
  ::waitpid(child, &status, 0);
  result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

TemporaryDirectory::TemporaryDirectory() {
  const char *base = std::getenv("TMPDIR");
  std::string pattern = std::string(base != nullptr ? base : "/tmp") + "/regcred-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::write(const std::string &name, const std::string &content, unsigned mode) const {
  const std::string path = path_ + "/" + name;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  for (std::filesystem::path at = path_; const auto &part : std::filesystem::relative(parent, path_)) {
    at /= part;
    if (part != ".") ::mkdir(at.c_str(), 0700);
  }
  std::ofstream(path, std::ios::binary) << content;
  ::chmod(path.c_str(), mode);
  return path;
}

}  // namespace regcred::testing
