// SPDX-License-Identifier: Apache-2.0
#include "cli/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <regcred/secret.hpp>

#include "common/pipe.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t error_bytes_max = 400;  // of standard error: what fits into one line

// The first executable file of this name below `root`; empty when there is none.
std::string find_on_path(const std::string &name, const std::string &path, const std::string &root) {
  if (name.starts_with('/')) return name;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t to = std::min(path.find(':', from), path.size());
    std::string file = path.substr(from, to - from) + '/' + name;
    const bool absolute = from < to && path[from] == '/';  // never the working directory
    if (absolute && ::access((root + file).c_str(), X_OK) == 0) return file;
    from = to + 1;
  }
  return {};
}

// char *argv[] of a list of texts that outlives it.
std::vector<char *> pointers(std::vector<std::string> &texts) {
  std::vector<char *> list;
  list.reserve(texts.size() + 1);
  for (std::string &text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// posix_spawn with our two pipes. Gives its error number.
int spawn(const std::string &file, std::vector<std::string> argv, std::vector<std::string> variables, int out, int err,
          pid_t &child) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  sigset_t pipe_signal;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);  // ignored here (harden_process): a program expects it
  ::posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int error =
      ::posix_spawn(&child, file.c_str(), &actions, &attributes, pointers(argv).data(), pointers(variables).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

// The same in another root directory, which posix_spawn cannot enter. The child shares nothing with us but the pipes.
int spawn_below(const std::string &root, const std::string &file, std::vector<std::string> argv,
                std::vector<std::string> variables, int out, int err, pid_t &child) {
  const std::vector<char *> words = pointers(argv);
  const std::vector<char *> environment = pointers(variables);
  child = ::fork();
  if (child != 0) return child < 0 ? errno : 0;
  constexpr int cannot_start = 127;
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const bool is_ready = ::chroot(root.c_str()) == 0 && ::chdir("/") == 0 && ::dup2(nothing, STDIN_FILENO) >= 0 &&
                        ::dup2(out, STDOUT_FILENO) >= 0 && ::dup2(err, STDERR_FILENO) >= 0 &&
                        ::signal(SIGPIPE, SIG_DFL) != SIG_ERR;
  if (is_ready) ::execve(file.c_str(), words.data(), environment.data());
  ::_exit(cannot_start);
}

// One of the two outputs. Keeps `bytes_max` and one byte more, to tell too much from enough; reads on without keeping.
struct Stream {
  UniqueFd fd;
  std::string text;
  std::size_t bytes_max = 0;

  // False at its end.
  bool take() {
    std::array<char, 4096> bytes{};
    const ssize_t size = ::read(fd.get(), bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) return true;
    if (size <= 0) return false;
    text.append(bytes.data(),
                std::min(static_cast<std::size_t>(size), bytes_max + 1 - std::min(bytes_max + 1, text.size())));
    ::explicit_bzero(bytes.data(), bytes.size());
    return true;
  }
};

// Until both streams have ended; false when the time was over before.
bool read_streams(Stream &out, Stream &err, Deadline deadline, Clock &clock) {
  while (out.fd || err.fd) {
    const std::int64_t left_ms = remaining_ms(deadline, clock);
    if (left_ms <= 0) return false;
    std::array<pollfd, 2> fds = {pollfd{out.fd.get(), POLLIN, 0}, pollfd{err.fd.get(), POLLIN, 0}};
    ::poll(fds.data(), fds.size(), static_cast<int>(std::min<std::int64_t>(left_ms, 1000)));
    for (Stream *stream : {&out, &err}) {
      const short events = fds[stream == &out ? 0 : 1].revents;
      if (events != 0 && !stream->take()) stream->fd.reset();
    }
  }
  return true;
}

// Waits for the end, which comes soon after the outputs were closed; else, or when `kill_now`, ends it.
int reap(pid_t child, bool kill_now, Deadline deadline, Clock &clock) {
  int status = 0;
  while (true) {
    if (kill_now) ::kill(child, SIGKILL);
    const pid_t ended = ::waitpid(child, &status, kill_now ? 0 : WNOHANG);
    if (ended == child) return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (ended < 0 && errno != EINTR) return 0;
    kill_now = remaining_ms(deadline, clock) <= 0;
    clock.sleep_ms(1);
  }
}

}  // namespace

Result<ChildOutput> run_child(const ChildCall &call, const Environment &environment, Clock &clock) {
  const std::string &name = call.argv.front();
  const std::string file = find_on_path(name, environment.get("PATH").value_or(""), call.root);
  if (file.empty()) return fail(ErrorCode::usage, name, "is not on PATH", "install it, or do without");
  std::vector<std::string> variables;
  for (const auto &[key, value] : environment.all()) variables.push_back(key + '=' + value);

  std::optional<Pipe> out = make_pipe();
  std::optional<Pipe> err = make_pipe();
  pid_t child = -1;
  int error = errno;
  if (out && err) {
    const int to = out->write.get();
    error = call.root.empty()
                ? spawn(file, call.argv, std::move(variables), to, err->write.get(), child)
                : spawn_below(call.root, file, call.argv, std::move(variables), to, err->write.get(), child);
  }
  if (error != 0) {
    return fail(ErrorCode::usage, file, std::string("cannot be started: ") + std::strerror(error),
                "see its file mode, and the limits on processes");
  }
  out->write.reset();
  err->write.reset();
  Stream said{std::move(out->read), {}, call.out_bytes_max};
  Stream complaint{std::move(err->read), {}, error_bytes_max};
  said.text.reserve(call.out_bytes_max + 1);  // growing would leave copies of a secret behind
  const bool in_time = read_streams(said, complaint, call.deadline, clock);
  const int status = reap(child, !in_time, call.deadline, clock);
  std::string line = printable(complaint.text.substr(0, complaint.text.find_last_not_of("\r\n") + 1), error_bytes_max);
  if (!in_time) {
    wipe(said.text);
    return fail(ErrorCode::deadline, name, "gave no answer in time" + (line.empty() ? "" : ": " + line),
                "see whether the cluster is reachable");
  }
  if (said.text.size() > call.out_bytes_max) {  // guard: kubectl-limit
    wipe(said.text);
    return fail(ErrorCode::usage, name, "wrote more than " + std::to_string(call.out_bytes_max) + " bytes",
                "see what it prints when run by hand");
  }
  return ChildOutput{status, std::move(said.text), std::move(line)};
}

}  // namespace regcred::core
