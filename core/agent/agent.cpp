// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "agent/agent_work.hpp"
#include "agent/status_server.hpp"
#include "common/pipe.hpp"
#include "common/trusted_file.hpp"
#include "record/metrics.hpp"
#include "record/metrics_file.hpp"
#include "services/process/child.hpp"

namespace regcred::core {
namespace {

constexpr std::int64_t silence_ms_max = 300'000;
constexpr std::size_t line_bytes_max = 256U << 10U;
constexpr int poll_ms = 1'000;
constexpr const char *metrics_type = "text/plain; version=0.0.4; charset=utf-8";

// The counts of the requests; hostile until they have been parsed. Empty without them.
std::string request_metrics(const std::string &path) {
  if (path.empty()) return {};
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const Result<std::string> text = read_all(fd.get(), metrics_file_bytes_max, ErrorCode::internal, path);
  if (!text) return {};
  const std::optional<Metrics> metrics = parse_metrics(*text);
  return metrics ? render_metrics(*metrics) : std::string();
}

// What the process that works has said last.
class LastState {
 public:
  explicit LastState(Clock &clock) : clock_(clock), heard_ms_(clock.monotonic_ms()) {
    state_.obstacles = {"the node has not been looked at yet"};
  }

  void feed(std::string_view bytes) {
    buffer_ += bytes;
    for (std::size_t end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n')) {
      if (std::optional<AgentState> state = parse_state(std::string_view(buffer_).substr(0, end))) {
        state_ = std::move(*state);
        heard_ms_ = clock_.monotonic_ms();
      }
      buffer_.erase(0, end + 1);
    }
    if (buffer_.size() > line_bytes_max) buffer_.clear();
  }

  [[nodiscard]] StatusAnswer serve(const std::string &path) const {
    if (path == "/healthz") return healthz();
    if (path == "/readyz") return readyz();
    if (path != "/metrics") return {.status = 404, .body = "/healthz, /readyz or /metrics\n"};
    return {.type = metrics_type, .body = request_metrics(state_.metrics_file) + agent_metrics(state_)};
  }

 private:
  [[nodiscard]] StatusAnswer healthz() const {
    if (clock_.monotonic_ms() - heard_ms_ < silence_ms_max) return {.body = "ok\n"};
    return {.status = 503, .body = "the process that works says nothing\n"};
  }
  [[nodiscard]] StatusAnswer readyz() const {
    if (state_.obstacles.empty()) return {.body = "ok\n"};
    StatusAnswer answer{.status = 503};
    for (const std::string &obstacle : state_.obstacles) answer.body += obstacle + '\n';
    return answer;
  }

  Clock &clock_;
  AgentState state_;
  std::int64_t heard_ms_;
  std::string buffer_;
};

Error no_process(const char *what) {
  return {ErrorCode::internal, "regcred node agent", std::string(what) + ": " + std::strerror(errno),
          "see the limits on processes and open files"};
}

// SIGTERM and SIGINT as a descriptor.
UniqueFd end_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  if (::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) return {};
  return UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

[[noreturn]] void work_until_killed(const AgentParts &parts, pid_t parent, int state_fd) {
  int status = 1;
  sigset_t none;
  ::sigemptyset(&none);
  // Its signals are the parent's to handle: SIGINT of a terminal reaches both.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && ::getppid() == parent &&
      ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0) {
    try {
      AgentWork(parts).run(state_fd);
      status = 0;
    } catch (const std::exception &) {
      parts.say("the process that works met an unforeseen exception");
    }
  }
  ::_exit(status);
}

void kill_and_reap(pid_t child) {
  ::kill(child, SIGKILL);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// Until a signal comes. False when the process that works has ended.
bool serve(int signals, int states, LastState &last, std::optional<StatusServer> &server) {
  while (true) {
    std::vector<pollfd> polled = {{signals, POLLIN, 0}, {states, POLLIN, 0}};
    if (server) server->add_to(polled);
    static_cast<void>(::poll(polled.data(), polled.size(), poll_ms));
    if ((polled[0].revents & POLLIN) != 0) return true;
    const auto take = [&](std::string_view bytes) {
      last.feed(bytes);
      return true;
    };
    if (!drain(states, take)) return false;
    if (server) server->turn();
  }
}

}  // namespace

Status run_agent_once(const AgentParts &parts) {
  AgentWork work(parts);
  work.look();
  std::optional<std::int64_t> wait_ms = work.post();
  while (wait_ms == 0) wait_ms = work.post();
  const AgentState state = work.state();
  if (!parts.places.configuration.empty() || !parts.places.secrets.empty()) {
    if (!work.followed().empty()) return fail(ErrorCode::config, "regcred node agent", work.followed());
  }
  if (wait_ms) {
    return fail(ErrorCode::backend, "regcred node agent",
                std::to_string(state.events.waiting) + " failed requests wait in the spool", "run this again");
  }
  return {};
}

Status run_agent(const AgentParts &parts) {
  LastState last(parts.clock);
  std::optional<StatusServer> server;
  if (parts.listen != "off") {
    Result<StatusServer> listening = StatusServer::listen(
        parts.listen, [&](const std::string &path) { return last.serve(path); }, parts.clock);
    if (!listening) return tl::make_unexpected(listening.error());
    server.emplace(std::move(*listening));
    parts.say("probes and metrics are served on port " + std::to_string(server->port()));
  }
  const UniqueFd signals = end_signals();
  std::optional<Pipe> states = make_pipe();
  if (!signals || !states) return tl::make_unexpected(no_process("cannot be set up"));
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return tl::make_unexpected(no_process("cannot start a process"));
  if (child == 0) work_until_killed(parts, parent, states->write.get());
  states->write.reset();
  make_non_blocking(states->read.get());
  const bool was_told_to_end = serve(signals.get(), states->read.get(), last, server);
  kill_and_reap(child);
  if (was_told_to_end) return {};
  return fail(ErrorCode::internal, "regcred node agent", "its process that works has ended", "see the lines above");
}

}  // namespace regcred::core
