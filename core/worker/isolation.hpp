// The wall between the parent, which answers the kubelet, and a worker, which runs code we did not write.
//
// Isolation against faults (a crash, a hang, a flood), not a security boundary: the worker has the rights of the
// parent.
#pragma once

#include <cstdint>
#include <functional>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "services/clock/clock.hpp"
#include "services/log/log_sink.hpp"

namespace regcred::core {

// The worker's only way out: frames of {u32 little-endian size, u8 kind, bytes} into a pipe that only the parent reads.
class WorkerChannel {
 public:
  explicit WorkerChannel(int fd) noexcept : fd_(fd) {}
  // One log line, kind 'L'.
  void send_log(std::int32_t level, std::string_view line) const noexcept;
  // The one result, kind 'R'. Nothing may follow it.
  void send_result(std::string_view bytes) const noexcept;
  // Instead of a result: what this process asked the system for and did not get, by errno. Kind 'S'.
  void send_lack(int error_number) const noexcept;

 private:
  void send(char kind, std::string_view head, std::string_view body) const noexcept;
  int fd_;
};

// What runs in the worker. It sends its result into the channel and returns; the process then ends by _exit(0).
using WorkerBody = std::function<void(const WorkerChannel &)>;

// Why a worker gave no result, in words that follow the backend's name: "crashed (signal 11, Segmentation fault)",
// "exited with status 3 without an answer", "gave no answer in time", "sent damaged or too much data"; or why there was
// none: "process did not get what it needs: Too many open files".
struct WorkerFailure {
  bool deadline = false;
  std::string what;
  std::string cure;
};

// Forks, runs `body` in the child (after enter_worker, sandbox.hpp) and gives the bytes of its result frame. The
// child's stdin and stdout are /dev/null; its stderr is a pipe whose content is counted and thrown away, since it may
// hold anything. On result, end, flood or `deadline` the parent kills the child's process group and reaps. The caller
// has started no thread. Log lines reach `log` as they come.
[[nodiscard]] tl::expected<Secret, WorkerFailure> run_isolated(const WorkerBody &body, Deadline deadline, Clock &clock,
                                                               LogSink &log);

}  // namespace regcred::core
