// SPDX-License-Identifier: Apache-2.0
#include "services/process/forked_programs.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "common/limits.hpp"
#include "common/pipe.hpp"
#include "common/text.hpp"
#include "services/process/child.hpp"
#include "services/process/orphans.hpp"
#include "services/process/program_image.hpp"

namespace regcred::core {
namespace {

constexpr std::int64_t kept_ms = 2'000;        // of the deadline, for what the backend does with the output
constexpr std::int64_t poll_interval_ms = 50;  // how often a program that closed nothing is asked whether it lives

using Outcome = tl::expected<ProgramEnd, ProgramFailure>;

tl::unexpected<ProgramFailure> failed(std::int32_t code, std::string text) {
  return tl::make_unexpected(ProgramFailure{code, std::move(text)});
}

std::string cannot_start(int error) {
  const std::string why = std::string("cannot be executed: ") + std::strerror(error) + "; ";
  if (error == EACCES)
    return why + "let this user execute it and its interpreter (mode 0755), also by the rules of SELinux or AppArmor";
  if (error == ENOEXEC) return why + "install a program for this machine; a script begins with a #! line";
  if (error == ENOENT) return why + "install the interpreter that its first line, or its ELF header, names";
  return why + "see the limits on processes, memory and open files";
}

// While a program runs, the end of the process above does not end this one at once (PR_SET_PDEATHSIG), or what the
// program has started would stay: it is watched for instead, and this process ends when all of that is gone.
class WatchedParent {
 public:
  WatchedParent() : parent_(::getppid()) {
    ::prctl(PR_GET_PDEATHSIG, &signal_, 0, 0, 0);
    if (signal_ != 0) ::prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
  }
  ~WatchedParent() {
    if (signal_ != 0) ::prctl(PR_SET_PDEATHSIG, signal_, 0, 0, 0);
    if (is_gone()) ::_exit(1);  // also when it went before the line above took effect
  }
  WatchedParent(const WatchedParent &) = delete;
  WatchedParent &operator=(const WatchedParent &) = delete;

  // guard: program-parent-watched
  [[nodiscard]] bool is_gone() const { return signal_ != 0 && ::getppid() != parent_; }

 private:
  pid_t parent_;
  int signal_ = 0;  // 0: nobody wants this process to end with its parent
};

// Feeds one running program and reads it, until it has ended or must be.
class Run {
 public:
  Run(pid_t child, UniqueFd input, UniqueFd output, UniqueFd errors, std::string_view text)
      : child_(child), input_(std::move(input)), output_(std::move(output)), errors_(std::move(errors)), rest_(text) {
    for (const UniqueFd *fd : {&input_, &output_, &errors_}) make_non_blocking(fd->get());
    said_.reserve(program_output_bytes_max);  // growing would leave copies of a secret behind
  }
  ~Run() { wipe(said_); }
  Run(const Run &) = delete;
  Run &operator=(const Run &) = delete;

  // Until the end of the program, `deadline`, a flood, or the end of the process above. Only the first is true.
  bool until_end(Deadline deadline, Clock &clock, const WatchedParent &parent) {
    while (true) {
      const std::int64_t left_ms = remaining_ms(deadline, clock);
      if (left_ms <= 0 || parent.is_gone()) return false;  // guard: program-deadline
      std::array<pollfd, 3> fds = {pollfd{input_.get(), POLLOUT, 0}, pollfd{output_.get(), POLLIN, 0},
                                   pollfd{errors_.get(), POLLIN, 0}};
      const std::int64_t wait_ms = output_ || errors_ ? poll_interval_ms : 1;  // it has closed all: it ends, as a rule
      ::poll(fds.data(), fds.size(), static_cast<int>(std::min(left_ms, wait_ms)));
      const bool ended = has_ended(child_);  // asked before the pipes are emptied: they have all of it then
      write_some();
      read_some();
      if (ended) read_rest();
      if (flooded_) return false;
      if (ended) return true;
    }
  }

  [[nodiscard]] bool flooded() const { return flooded_; }
  [[nodiscard]] std::size_t error_lines() const { return error_lines_; }
  [[nodiscard]] Secret output() const { return Secret(said_); }

 private:
  void write_some() {
    while (input_ && !rest_.empty()) {
      const ssize_t size = ::write(input_.get(), rest_.data(), rest_.size());
      if (size > 0) {
        rest_.remove_prefix(static_cast<std::size_t>(size));
      } else if (errno == EAGAIN) {
        return;
      } else if (errno != EINTR) {
        rest_ = {};  // it does not read on, which is not an error
      }
    }
    input_.reset();
  }

  // A pipe holds up to 1 MiB, of which read_some() takes a part at a time. What a daemon goes on to write is not waited
  // for.
  void read_rest() {
    for (int parts = 0; parts < 4 && output_ && !flooded_; ++parts) read_some();
  }

  void read_some() {
    const auto keep = [this](std::string_view bytes) {
      flooded_ = said_.size() + bytes.size() > program_output_bytes_max;  // guard: program-flood
      if (!flooded_) said_.append(bytes);
      return !flooded_;
    };
    const auto count = [this](std::string_view bytes) {
      error_lines_ += static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
      return true;
    };
    if (output_ && !drain(output_.get(), keep)) output_.reset();
    if (errors_ && !drain(errors_.get(), count)) errors_.reset();
  }

  pid_t child_;
  UniqueFd input_;
  UniqueFd output_;
  UniqueFd errors_;
  std::string_view rest_;  // of the input
  std::string said_;
  std::size_t error_lines_ = 0;
  bool flooded_ = false;
};

// How a program ended that nobody had to end.
Outcome end_of(int status, const Run &run) {
  ProgramEnd end;
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.exit_status = WEXITSTATUS(status);
  end.output = run.output();
  return end;
}

}  // namespace

Outcome ForkedPrograms::run(const ProgramRequest &request) {
  const tl::expected<UniqueFd, ProgramFailure> file = open_program(request);
  if (!file) return tl::make_unexpected(file.error());
  const std::string path(request.path);
  std::int64_t limit_ms = remaining_ms(deadline_, clock_) - kept_ms;
  if (request.timeout_ms > 0) limit_ms = std::min(limit_ms, request.timeout_ms);
  if (limit_ms <= 0) {
    return failed(REGCRED_TIMEOUT, "no time is left to run " + path +
                                       ": two seconds of the request's deadline are kept; raise defaults.deadline");
  }
  const ProgramImage image(file->get(), request, proxy_variables_);
  std::array<std::optional<Pipe>, 4> pipes = {make_pipe(), make_pipe(), make_pipe(), make_pipe()};
  auto &[input, output, errors, failure] = pipes;
  const auto no_process = [&](int error) { return failed(REGCRED_UNAVAILABLE, path + ": " + cannot_start(error)); };
  if (!input || !output || !errors || !failure) return no_process(errno);

  const Deadline deadline{clock_.monotonic_ms() + limit_ms};
  const WatchedParent above;      // outlives the next: first what the program left is ended, then this process
  const Orphans orphans(clock_);  // guard: program-daemons
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return no_process(errno);
  if (child == 0) {
    image.become(parent, {input->read.get(), output->write.get(), errors->write.get(), failure->write.get()});
  }
  input->read.reset();
  output->write.reset();
  errors->write.reset();
  failure->write.reset();
  Run run(child, std::move(input->write), std::move(output->read), std::move(errors->read), request.input);
  const bool ended = run.until_end(deadline, clock_, above);
  const std::optional<int> status = end_group(child, clock_);
  if (run.error_lines() > 0 && log_.enabled(REGCRED_LOG_DEBUG)) {
    log_.write(REGCRED_LOG_DEBUG, printable(path + " wrote " + std::to_string(run.error_lines()) +
                                                " lines to its standard error, which were dropped",
                                            limits::log_line_bytes_max));
  }
  if (run.flooded()) return failed(REGCRED_BAD_UPSTREAM, path + ": it wrote more than 1 MiB to standard output");
  if (!ended || !status) {
    return failed(REGCRED_TIMEOUT, path + ": it did not end within " + std::to_string(limit_ms) +
                                       " ms and was killed; run it by hand, and see what it waits for");
  }
  char reason = 0;
  if (::read(failure->read.get(), &reason, 1) == 1) {
    return failed(REGCRED_BAD_CONFIG, path + ": " + cannot_start(static_cast<unsigned char>(reason)));
  }
  return end_of(*status, run);
}

}  // namespace regcred::core
