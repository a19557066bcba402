#include "worker/isolation.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/uio.h>
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
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "common/write_all.hpp"
#include "worker/sandbox.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t frame_head_bytes = 5;  // u32 size, u8 kind
constexpr std::size_t log_bytes_max = 256U << 10U;
constexpr std::int64_t look_for_end_ms = 100;  // how often a worker that closed nothing is asked whether it lives

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Takes frames apart as they arrive. Everything it holds may be a secret, so it is wiped at the end.
class FrameReader {
 public:
  explicit FrameReader(LogSink &log) : log_(log) { buffer_.reserve(usual_bytes); }  // growing would leave copies behind
  ~FrameReader() { wipe(buffer_); }
  FrameReader(const FrameReader &) = delete;
  FrameReader &operator=(const FrameReader &) = delete;

  // False when the bytes are no frames, or too many.
  bool feed(std::string_view bytes) {
    if (buffer_.size() + bytes.size() > limits::worker_result_bytes_max + log_bytes_max) return false;
    buffer_.append(bytes);
    while (!result_ && buffer_.size() - at_ >= frame_head_bytes) {
      const std::size_t size = frame_size();
      if (size > limits::worker_result_bytes_max) return false;
      if (buffer_.size() - at_ < frame_head_bytes + size) return true;
      if (!take(buffer_[at_ + 4], std::string_view(buffer_).substr(at_ + frame_head_bytes, size))) return false;
      at_ += frame_head_bytes + size;
    }
    return true;
  }

  [[nodiscard]] std::optional<Secret> &result() { return result_; }
  // The errno of what the worker did not get, 0 when it misses nothing.
  [[nodiscard]] int lacks() const { return lacks_; }

 private:
  static constexpr std::size_t usual_bytes = 64U << 10U;

  [[nodiscard]] std::size_t frame_size() const {
    std::size_t size = 0;
    for (std::size_t i = 4; i > 0; --i) size = (size << 8U) | static_cast<unsigned char>(buffer_[at_ + i - 1]);
    return size;
  }

  bool take(char kind, std::string_view body) {
    if (kind == 'R') {
      result_ = Secret(body);
      return true;
    }
    if (body.empty()) return false;
    if (kind == 'S') {
      lacks_ = static_cast<unsigned char>(body.front());
      return true;
    }
    if (kind != 'L') return false;
    log_.write(body.front(), printable(body.substr(1), limits::log_line_bytes_max));
    return true;
  }

  LogSink &log_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::optional<Secret> result_;
  int lacks_ = 0;
};

// Reads what is there now, but not for ever when a writer keeps pace. Gives false at the end of the file.
template <class Take>
bool drain(int fd, Take &&take) {
  std::array<char, 16384> chunk{};
  for (int chunks = 0; chunks < 16; ++chunks) {
    const ssize_t size = ::read(fd, chunk.data(), chunk.size());
    if (size > 0) {
      if (!take(std::string_view(chunk.data(), static_cast<std::size_t>(size)))) return false;
      continue;
    }
    if (size < 0 && errno == EINTR) continue;
    return size < 0 && errno == EAGAIN;
  }
  return true;
}

bool has_ended(pid_t child) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

// Kills the whole group, so that no grandchild stays, and takes the child's status. Never waits for more than a second:
// a process stuck in the kernel must not hold up the kubelet.
std::optional<int> end_worker(pid_t child, Clock &clock) {
  ::kill(-child, SIGKILL);
  ::kill(child, SIGKILL);
  const std::int64_t give_up_ms = clock.monotonic_ms() + 1000;
  int status = 0;
  while (true) {
    const pid_t reaped = ::waitpid(child, &status, WNOHANG);
    if (reaped == child) return status;
    if ((reaped < 0 && errno != EINTR) || clock.monotonic_ms() > give_up_ms) return std::nullopt;
    const timespec pause{0, 100'000};
    ::nanosleep(&pause, nullptr);
  }
}

WorkerFailure describe_end(int status) {
  const std::string cure =
      "report this to the maintainers of the backend; `regcred --in-process` runs it in a debugger";
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    const char *name = ::strsignal(number);
    return {false, "crashed (signal " + std::to_string(number) + ", " + (name != nullptr ? name : "unknown") + ")",
            cure};
  }
  return {false, "exited with status " + std::to_string(WEXITSTATUS(status)) + " without an answer", cure};
}

WorkerFailure no_worker(const char *what, int error_number) {
  return {false, std::string(what) + ": " + std::strerror(error_number),
          "see the limits on processes, memory and open files"};
}

// Runs the poll loop until one of: result, end of the worker, flood, deadline.
class Watch {
 public:
  Watch(pid_t child, int result_fd, int error_fd, Deadline deadline, Clock &clock, LogSink &log)
      : child_(child), result_fd_(result_fd), error_fd_(error_fd), deadline_(deadline), clock_(clock), frames_(log) {
    for (const int fd : {result_fd, error_fd}) ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  }

  tl::expected<Secret, WorkerFailure> run() {
    while (true) {
      const std::int64_t left_ms = deadline_.monotonic_ms - clock_.monotonic_ms();
      if (left_ms <= 0) return give_up({true, "gave no answer in time", "see whether its registry is reachable"});
      std::array<pollfd, 2> fds = {pollfd{result_fd_, POLLIN, 0}, pollfd{error_open_ ? error_fd_ : -1, POLLIN, 0}};
      ::poll(fds.data(), fds.size(), static_cast<int>(std::min(left_ms, look_for_end_ms)));
      // Asked before the pipe is emptied: what a worker wrote before it ended is then in the pipe already.
      const bool ended = has_ended(child_);
      const bool pipe_open =
          drain(result_fd_, [this](std::string_view bytes) { return flood_free_ = frames_.feed(bytes); });
      if (frames_.result()) {
        end_worker(child_, clock_);
        return std::move(*frames_.result());
      }
      if (frames_.lacks() != 0) return give_up(no_worker("process did not get what it needs", frames_.lacks()));
      if (!flood_free_)
        return give_up({false, "sent damaged or too much data", "report this to the maintainers of the backend"});
      if (error_open_) error_open_ = drain(error_fd_, [](std::string_view) { return true; });
      if (ended || !pipe_open) return ended_without_result();
    }
  }

 private:
  tl::unexpected<WorkerFailure> give_up(WorkerFailure failure) {
    end_worker(child_, clock_);
    return tl::make_unexpected(std::move(failure));
  }

  tl::unexpected<WorkerFailure> ended_without_result() {
    // The pipe may close a moment before the process becomes a zombie: give it that moment, for its true status.
    const std::int64_t patience_ms = clock_.monotonic_ms() + 200;
    while (!has_ended(child_) && clock_.monotonic_ms() < patience_ms) {
      const timespec pause{0, 200'000};
      ::nanosleep(&pause, nullptr);
    }
    const bool by_itself = has_ended(child_);
    const std::optional<int> status = end_worker(child_, clock_);
    if (by_itself && status) return tl::make_unexpected(describe_end(*status));
    return tl::make_unexpected(
        WorkerFailure{false, "closed its result pipe", "report this to the maintainers of the backend"});
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

[[noreturn]] void be_worker(pid_t parent, WorkerDescriptors descriptors, const WorkerBody &body) {
  if (!enter_worker(parent, descriptors)) {
    const int reason = errno;  // of this node, not of the backend
    const bool unmoved = ::fcntl(descriptors.result, F_GETFD) >= 0;
    WorkerChannel(unmoved ? descriptors.result : worker_result_fd).send_lack(reason);
    ::_exit(exit_status(ErrorCode::internal));
  }
  const WorkerChannel channel(worker_result_fd);
  try {
    body(channel);
  } catch (const std::bad_alloc &) {  // ours: what a backend throws ends at the SDK's wall
    channel.send_lack(ENOMEM);
  }
  ::_exit(0);
}

}  // namespace

void WorkerChannel::send_log(std::int32_t level, std::string_view line) const noexcept {
  const char head = static_cast<char>(level);
  send('L', {&head, 1}, line.substr(0, limits::log_line_bytes_max));
}

void WorkerChannel::send_result(std::string_view bytes) const noexcept { send('R', {}, bytes); }

void WorkerChannel::send_lack(int error_number) const noexcept {
  const char reason = static_cast<char>(error_number);  // all of Linux are below 256
  send('S', {}, {&reason, 1});
}

void WorkerChannel::send(char kind, std::string_view head, std::string_view body) const noexcept {
  const std::size_t size = head.size() + body.size();
  std::array<char, frame_head_bytes> frame{};
  for (unsigned i = 0; i < 4; ++i) frame[i] = static_cast<char>((size >> (8U * i)) & 0xFFU);
  frame[4] = kind;
  for (std::string_view part : {std::string_view(frame.data(), frame.size()), head, body}) {
    if (!write_all(fd_, part)) return;  // the parent has gone: nobody is left to tell
  }
}

tl::expected<Secret, WorkerFailure> run_isolated(const WorkerBody &body, Deadline deadline, Clock &clock,
                                                 LogSink &log) {
  std::optional<Pipe> result = make_pipe();
  std::optional<Pipe> errors = make_pipe();
  if (!result || !errors) return tl::make_unexpected(no_worker("pipe failed", errno));

  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return tl::make_unexpected(no_worker("fork failed", errno));
  if (child == 0) be_worker(parent, {result->write.get(), errors->write.get()}, body);
  ::setpgid(child, child);  // also here: the kill below must find the group, whoever runs first
  result->write.reset();
  errors->write.reset();
  return Watch(child, result->read.get(), errors->read.get(), deadline, clock, log).run();
}

}  // namespace regcred::core
