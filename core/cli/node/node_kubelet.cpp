// SPDX-License-Identifier: Apache-2.0
#include "cli/node/node_kubelet.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <string_view>

#include "cli/child_process.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "common/write_all.hpp"
#include "node/running_kubelet.hpp"

namespace regcred::core {
namespace {

constexpr const char *path_on_node = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::int64_t command_ms_max = 60'000;
constexpr std::size_t output_bytes_max = 1U << 20U;
constexpr std::int64_t look_ms = 500;         // between two looks at the kubelet
constexpr std::uint16_t health_port = 10248;  // the kubelet's default, on loopback
constexpr int health_seconds_max = 2;

Result<ChildOutput> run_on_node(const HostRoot &root, Clock &clock, std::vector<std::string> words) {
  const Environment environment(Variables{{"PATH", path_on_node}});
  const Deadline deadline{clock.monotonic_ms() + command_ms_max};
  return run_child({std::move(words), output_bytes_max, deadline, root.is_ours() ? std::string() : root.here("/")},
                   environment, clock);
}

// The first finding of `regcred check` that is an error, or what it said instead.
std::string first_error_of(const ChildOutput &answer) {
  std::string_view rest = answer.out;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.find(": error: ") != std::string_view::npos) return printable(line, 600);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return answer.err.empty() ? "exit status " + std::to_string(answer.status) : answer.err;
}

}  // namespace

std::string NodeKubelet::running() {
  const Result<RunningKubelet> kubelet = find_running_kubelet(root_);
  return kubelet ? process_identity(kubelet->process) : std::string();
}

Status NodeKubelet::judge(const std::string &program, const std::string &configuration) {
  std::vector<std::string> words = {program, "check"};
  if (!configuration.empty()) words.insert(words.end(), {"--config", configuration});
  const Result<ChildOutput> answer = run_on_node(root_, clock_, std::move(words));
  if (!answer) return tl::make_unexpected(answer.error());
  if (answer->status == 0) return {};
  constexpr int cannot_start = 127;
  if (answer->status == cannot_start) {
    return fail(ErrorCode::config, program, "does not start on this node", "see its processor and its file systems");
  }
  return fail(ErrorCode::config, program + " check", first_error_of(*answer), "nothing was changed for the kubelet");
}

Status NodeKubelet::restart() {
  expects_health_ = is_healthy();
  std::vector<std::string> words = command_;
  if (words.empty()) words = {"systemctl", "--no-block", "restart", unit_};
  const std::string name = words.front();
  const Result<ChildOutput> answer = run_on_node(root_, clock_, std::move(words));
  if (!answer) {
    return fail(ErrorCode::usage, name, answer.error().what, "give what restarts the kubelet: --restart COMMAND");
  }
  if (answer->status == 0) return {};
  return fail(ErrorCode::usage, name,
              "ended with status " + std::to_string(answer->status) + (answer->err.empty() ? "" : ": " + answer->err),
              "give what restarts the kubelet: --restart COMMAND");
}

Status NodeKubelet::watch(const std::string &before) {
  const std::int64_t end_ms = clock_.monotonic_ms() + times_.limit_ms;
  std::string process;
  std::int64_t since_ms = 0;
  int starts = 0;
  while (clock_.monotonic_ms() < end_ms) {
    const std::string now = running();
    if (now != process) {
      process = now;
      since_ms = clock_.monotonic_ms();
      if (!now.empty() && now != before) ++starts;
    }
    const bool is_new = !process.empty() && process != before;
    const bool is_stable = is_new && clock_.monotonic_ms() - since_ms >= times_.stable_ms;
    if (is_stable && (!expects_health_ || is_healthy())) return {};  // guard: same-process-for-a-while
    clock_.sleep_ms(look_ms);
  }
  std::string reason = "no new process of it within " + std::to_string(times_.limit_ms / 1000) + " s";
  if (starts > 1) reason = "it started " + std::to_string(starts) + " times, and ended each time";
  if (starts == 1) reason = process.empty() ? "it started and ended" : "it runs, but is not healthy";
  return fail(ErrorCode::deadline, "the kubelet", std::move(reason), "see its log: journalctl -u " + unit_);
}

// GET /healthz by hand: neither proxy nor name has a part in it.
bool NodeKubelet::is_healthy() const {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval timeout{health_seconds_max, 0};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(health_port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0 ||
      ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) != 0 ||
      ::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)) != 0 ||
      !write_all(fd.get(), "GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")) {
    return false;
  }
  std::array<char, 64> head{};
  const ssize_t size = ::recv(fd.get(), head.data(), head.size(), MSG_WAITALL);
  const std::string_view answer(head.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return answer.starts_with("HTTP/1.") && answer.substr(8).starts_with(" 200");
}

}  // namespace regcred::core
