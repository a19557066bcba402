// SPDX-License-Identifier: Apache-2.0
#include "agent/agent_work.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/text.hpp"
#include "common/write_all.hpp"

namespace regcred::core {
namespace {

constexpr std::int64_t look_ms = 60'000;
constexpr std::int64_t settle_ms = 100;  // a volume changes in several steps
constexpr std::uint32_t changes = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE;
constexpr std::size_t obstacle_bytes_max = 1000;

}  // namespace

AgentWork::AgentWork(const AgentParts &parts)
    : parts_(parts),
      follower_(parts.places, parts.judge, parts.say),
      poster_(parts.sink, parts.clock, parts.say),
      watches_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

void AgentWork::look() {
  static_cast<void>(follower_.look());
  settings_ = parts_.settings();
  node_obstacle_ = parts_.node_obstacle();
  watch();
}

std::optional<std::int64_t> AgentWork::post() {
  if (settings_.spool.empty()) return std::nullopt;
  const Result<EventSpool> spool = EventSpool::open(settings_.spool);
  const std::string words = spool ? std::string() : spool.error().where + ": " + spool.error().what;
  if (words != spool_obstacle_ && !words.empty()) parts_.say(words + "; no events are posted until it is there");
  spool_obstacle_ = words;
  return spool ? poster_.work(*spool) : std::nullopt;
}

AgentState AgentWork::state() const {
  AgentState state;
  // Without the volume's configuration a new node has none: that is one reason, not two.
  const std::string &configuration = follower_.obstacle().empty() ? settings_.obstacle : follower_.obstacle();
  for (const std::string *obstacle : {&configuration, &std::as_const(node_obstacle_)}) {
    if (!obstacle->empty()) state.obstacles.push_back(printable(*obstacle, obstacle_bytes_max));
  }
  state.metrics_file = settings_.metrics_file;
  state.events = poster_.counts();
  state.can_post = poster_.obstacle().empty() && spool_obstacle_.empty();
  return state;
}

// The same directory keeps its watch; one that was replaced gets a new one.
void AgentWork::watch() {
  for (const std::string *directory : {&parts_.places.configuration, &parts_.places.secrets}) {
    if (!directory->empty()) static_cast<void>(::inotify_add_watch(watches_.get(), directory->c_str(), changes));
  }
  if (settings_.spool.empty()) return;
  spool_watch_ = ::inotify_add_watch(watches_.get(), settings_.spool.c_str(), IN_MOVED_TO | IN_CLOSE_WRITE);
}

bool AgentWork::wait(std::int64_t ms_max) const {
  pollfd polled{watches_.get(), POLLIN, 0};
  if (::poll(&polled, 1, static_cast<int>(std::max<std::int64_t>(0, ms_max))) <= 0) return false;
  bool is_volume = false;
  alignas(inotify_event) std::array<char, 16384> bytes{};
  while (true) {
    const ssize_t size = ::read(watches_.get(), bytes.data(), bytes.size());
    if (size <= 0) return is_volume;
    for (ssize_t at = 0; at < size;) {
      const auto *const event = reinterpret_cast<const inotify_event *>(bytes.data() + at);
      is_volume = is_volume || event->wd != spool_watch_;  // also when events were lost (wd -1)
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

void AgentWork::run(int state_fd) {
  std::string reported;
  std::int64_t next_look_ms = 0;
  std::int64_t next_report_ms = 0;
  while (true) {
    const bool is_due = parts_.clock.monotonic_ms() >= next_look_ms;
    if (is_due) {
      look();
      next_look_ms = parts_.clock.monotonic_ms() + look_ms;
    }
    const std::optional<std::int64_t> wait_ms = post();
    std::string line = state_line(state());
    const std::int64_t now_ms = parts_.clock.monotonic_ms();
    if (line != reported || now_ms >= next_report_ms) {
      if (!write_all(state_fd, line)) return;
      reported = std::move(line);
      next_report_ms = now_ms + look_ms / 2;
    }
    if (wait(std::min({wait_ms.value_or(look_ms), next_look_ms - now_ms, next_report_ms - now_ms}))) {
      parts_.clock.sleep_ms(settle_ms);
      next_look_ms = 0;
    }
  }
}

}  // namespace regcred::core
