// SPDX-License-Identifier: Apache-2.0
#include "worker/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <new>
#include <optional>

#include "common/limits.hpp"
#include "common/pipe.hpp"
#include "common/text.hpp"
#include "common/write_all.hpp"
#include "services/process/child.hpp"
#include "services/process/orphans.hpp"
#include "worker/sandbox.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t frame_head_bytes = 5;  // u32 size, u8 kind
constexpr std::size_t log_bytes_max = 256U << 10U;
constexpr std::size_t bytes_max = limits::worker_result_bytes_max + log_bytes_max;  // what is not used costs no memory
constexpr int log_lines_max = 200;              // a flood of lines must not end a request that would succeed
constexpr std::int64_t poll_interval_ms = 100;  // how often a worker that closed nothing is asked whether it lives

// What a frame holds.
namespace kind {
constexpr char result = 'R';
constexpr char log = 'L';          // a level, then the line
constexpr char setup_error = 'S';  // an errno: what the system did not give
constexpr char exception = 'X';    // one reached the end of the stack
}  // namespace kind

constexpr const char *damaged = "sent damaged or too much data";
constexpr const char *see_registry = "see whether its registry is reachable";
constexpr const char *report = "report this to the maintainers of the backend";

// A text that follows the name of the worker.
struct Failure {
  std::string what;
  std::string cure;
  ErrorCode code = ErrorCode::backend;
};

Failure no_process(const char *what, int error_number) {
  return {std::string(what) + ": " + std::strerror(error_number), "see the limits on processes, memory and open files"};
}

Failure describe_end(int status) {
  const std::string cure = std::string(report) + "; with --in-process it runs in this process, for a debugger";
  if (WIFSIGNALED(status)) {  // guard: crash
    const int number = WTERMSIG(status);
    const char *name = ::strsignal(number);
    return {"crashed (signal " + std::to_string(number) + ", " + (name != nullptr ? name : "unknown") + ")", cure};
  }
  return {"exited with status " + std::to_string(WEXITSTATUS(status)) + " without an answer", cure};
}

// Takes frames apart as they arrive. Everything it holds may be a secret, so it is wiped at the end.
class FrameReader {
 public:
  explicit FrameReader(LogSink &log) : log_(log) { buffer_.reserve(bytes_max); }  // growing would leave copies behind
  ~FrameReader() { wipe(buffer_); }
  FrameReader(const FrameReader &) = delete;
  FrameReader &operator=(const FrameReader &) = delete;

  // False when the bytes are not frames, or too many.
  bool feed(std::string_view bytes) {
    if (buffer_.size() + bytes.size() > bytes_max) return false;  // guard: worker-flood
    buffer_.append(bytes);
    while (!result_ && !failure_ && buffer_.size() - at_ >= frame_head_bytes) {
      const std::size_t size = frame_size();
      if (size > limits::worker_result_bytes_max) return false;  // guard: worker-frame-flood
      if (buffer_.size() - at_ < frame_head_bytes + size) return true;
      if (!take(buffer_[at_ + 4], std::string_view(buffer_).substr(at_ + frame_head_bytes, size))) return false;
      at_ += frame_head_bytes + size;
    }
    return true;
  }

  [[nodiscard]] std::optional<Secret> &result() { return result_; }
  // Why there will be no result.
  [[nodiscard]] std::optional<Failure> &failure() { return failure_; }

 private:
  [[nodiscard]] std::size_t frame_size() const {
    std::size_t size = 0;
    for (std::size_t i = 4; i > 0; --i) size = (size << 8U) | static_cast<unsigned char>(buffer_[at_ + i - 1]);
    return size;
  }

  bool take(char what, std::string_view body) {
    if (what == kind::result) {
      result_ = Secret(body);
    } else if (what == kind::exception) {
      failure_ = Failure{"ended with an exception that it did not catch", report};
    } else if (body.empty()) {
      return false;
    } else if (what == kind::setup_error) {
      failure_ = no_process("process did not get what it needs", static_cast<unsigned char>(body.front()));
    } else if (what == kind::log) {
      log_.write(known_log_level(body.front()), printable(body.substr(1), limits::log_line_bytes_max));
    } else {
      return false;
    }
    return true;
  }

  LogSink &log_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::optional<Secret> result_;
  std::optional<Failure> failure_;
};

// Runs the poll loop until one of: result, end of the worker, flood, deadline.
class Watch {
 public:
  Watch(pid_t child, int result_fd, int error_fd, const WorkerSite &site)
      : child_(child),
        result_fd_(result_fd),
        error_fd_(error_fd),
        deadline_(site.deadline),
        clock_(site.clock),
        frames_(site.log) {
    for (const int fd : {result_fd, error_fd}) make_non_blocking(fd);
  }

  tl::expected<Secret, Failure> run() {
    while (true) {
      const std::int64_t left_ms = remaining_ms(deadline_, clock_);
      // guard: worker-deadline
      if (left_ms <= 0) return give_up({"gave no answer in time", see_registry, ErrorCode::deadline});
      std::array<pollfd, 2> fds = {pollfd{result_fd_, POLLIN, 0}, pollfd{error_open_ ? error_fd_ : -1, POLLIN, 0}};
      ::poll(fds.data(), fds.size(), static_cast<int>(std::min(left_ms, poll_interval_ms)));
      // Asked before the pipe is emptied: what a worker wrote before it ended is then in the pipe already.
      const bool ended = has_ended(child_);
      const bool pipe_open =
          drain(result_fd_, [this](std::string_view bytes) { return flood_free_ = frames_.feed(bytes); });
      if (frames_.result()) {
        end_group(child_, clock_);
        return std::move(*frames_.result());
      }
      if (frames_.failure()) return give_up(std::move(*frames_.failure()));
      if (!flood_free_) return give_up({damaged, report});
      if (error_open_) error_open_ = drain(error_fd_, [](std::string_view) { return true; });
      if (ended || !pipe_open) return ended_without_result();
    }
  }

 private:
  tl::unexpected<Failure> give_up(Failure failure) {
    end_group(child_, clock_);
    return tl::make_unexpected(std::move(failure));
  }

  tl::unexpected<Failure> ended_without_result() {
    // The pipe may close a moment before the process becomes a zombie: give it that moment, for its true status.
    const std::int64_t give_up_ms = clock_.monotonic_ms() + 200;
    while (!has_ended(child_) && clock_.monotonic_ms() < give_up_ms) {
      const timespec pause{0, 200'000};
      ::nanosleep(&pause, nullptr);
    }
    const bool by_itself = has_ended(child_);
    const std::optional<int> status = end_group(child_, clock_);
    if (by_itself && status) return tl::make_unexpected(describe_end(*status));
    return tl::make_unexpected(Failure{"closed its result pipe", report});
  }

  pid_t child_;
  int result_fd_;
  int error_fd_;
  Deadline deadline_;
  Clock &clock_;
  FrameReader frames_;
  bool error_open_ = true;
  bool flood_free_ = true;
};

// The worker's only way out: frames of {u32 little-endian size, u8 kind, bytes} into a pipe that only the parent reads.
void send(int fd, char kind, std::string_view head, std::string_view body) noexcept {
  const std::size_t size = head.size() + body.size();
  std::array<char, frame_head_bytes> frame{};
  for (unsigned i = 0; i < 4; ++i) frame[i] = static_cast<char>((size >> (8U * i)) & 0xFFU);
  frame[4] = kind;
  for (const std::string_view part : {std::string_view(frame.data(), frame.size()), head, body}) {
    if (!write_all(fd, part)) return;  // the parent has gone: nobody reads this
  }
}

void send_setup_error(int fd, int error_number) noexcept {
  const char reason = static_cast<char>(error_number);  // all of Linux are below 256
  send(fd, kind::setup_error, {}, {&reason, 1});
}

// The log of a worker: lines become frames to the parent.
class FrameLog final : public LogSink {
 public:
  explicit FrameLog(const LogSink &parent) : parent_(parent) {}

  [[nodiscard]] bool enabled(std::int32_t level) const noexcept override {
    return lines_ < log_lines_max && parent_.enabled(level);
  }
  void write(std::int32_t level, std::string_view line) noexcept override {
    if (!enabled(level)) return;
    ++lines_;
    const char head = static_cast<char>(level);
    send(worker_result_fd, kind::log, {&head, 1}, line.substr(0, limits::log_line_bytes_max));
  }

 private:
  const LogSink &parent_;
  int lines_ = 0;
};

// No exception may leave it: it would unwind, in the child, through the parent's frames.
[[noreturn]] void be_worker(pid_t parent, WorkerDescriptors descriptors, const LogSink &log,
                            const WorkerBody &body) noexcept {
  if (!enter_worker(parent, descriptors)) {
    const int reason = errno;  // of this node, not of the backend
    const bool unmoved = ::fcntl(descriptors.result, F_GETFD) >= 0;
    send_setup_error(unmoved ? descriptors.result : worker_result_fd, reason);
    ::_exit(exit_status(ErrorCode::internal));
  }
  try {
    FrameLog lines(log);
    send(worker_result_fd, kind::result, {}, body(lines).reveal());
  } catch (const std::bad_alloc &) {
    send_setup_error(worker_result_fd, ENOMEM);
    // guard: no-unwinding
  } catch (...) {  // of a backend that does not use the SDK's C++ headers, or of its own C++ library
    send(worker_result_fd, kind::exception, {}, {});
  }
  ::_exit(0);
}

tl::expected<Secret, Failure> fork_worker(const WorkerSite &site, const WorkerBody &body) {
  std::optional<Pipe> result = make_pipe();
  std::optional<Pipe> errors = make_pipe();
  if (!result || !errors) return tl::make_unexpected(no_process("process has no pipe", errno));

  const Orphans orphans(site.clock);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return tl::make_unexpected(no_process("process cannot be forked", errno));
  if (child == 0) be_worker(parent, {result->write.get(), errors->write.get()}, site.log, body);
  ::setpgid(child, child);  // also here: the kill below must find the group, whoever runs first
  result->write.reset();
  errors->write.reset();
  return Watch(child, result->read.get(), errors->read.get(), site).run();
}

Error error_of(std::string where, std::string_view who, Failure failure) {
  return {failure.code, std::move(where), std::string(who) + ' ' + std::move(failure.what), std::move(failure.cure)};
}

}  // namespace

Error damaged_data(std::string where, std::string_view who) {
  return error_of(std::move(where), who, {damaged, report});
}

Result<Secret> run_worker(const WorkerSite &site, std::string_view who, const WorkerBody &body) {
  tl::expected<Secret, Failure> bytes = fork_worker(site, body);
  if (!bytes) return tl::make_unexpected(error_of(site.where, who, std::move(bytes.error())));
  return std::move(*bytes);
}

}  // namespace regcred::core
