// SPDX-License-Identifier: Apache-2.0
// From the files of the spool to events: START HERE for what is posted when.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/api_server.hpp"
#include "agent/event_correlator.hpp"
#include "record/event_spool.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

// Takes one line for the operator: printable, without "regcred: " and newline.
using Say = std::function<void(const std::string &)>;

// What has become of the failures in the spool.
struct EventCounts {
  std::uint64_t posted = 0;    // requests to the API server that it took
  std::uint64_t limited = 0;   // failures that are not posted, since the pod has had its share
  std::uint64_t rejected = 0;  // events that the API server refused for good
  std::uint64_t invalid = 0;   // files that are not entries
  std::uint64_t dropped = 0;   // files beyond the spool's limit
  std::uint64_t waiting = 0;   // files in the spool now
};

class EventPoster {
 public:
  EventPoster(EventSink &sink, Clock &clock, Say say) : sink_(sink), clock_(clock), say_(std::move(say)) {}

  // Posts what lies in the spool, oldest first, equal failures as one event with their number; a file is removed when
  // its event is posted, refused for good, or over the pod's share. When the API server cannot be reached, is busy
  // (429, 5xx) or does not take the token (401), everything stays until a time that grows from 1 s to 60 s, or that it
  // names. Gives the milliseconds until there is more to do; empty: until a file comes. Makes at most 10 requests.
  [[nodiscard]] std::optional<std::int64_t> work(const EventSpool &spool);

  [[nodiscard]] const EventCounts &counts() const noexcept { return counts_; }
  // Why nothing can be posted now; empty when nothing is known to stand in the way.
  [[nodiscard]] const std::string &obstacle() const noexcept { return obstacle_; }

 private:
  struct Post {  // what one request to the API server stands for
    CorrelatedEvent correlated;
    std::vector<std::string> files;
  };
  struct Group {  // equal failures
    PodName pod;
    std::string message;
    std::int64_t last_unix_ms = 0;
    std::vector<std::string> files;
  };

  [[nodiscard]] std::vector<Group> groups_of(const EventSpool &spool, const std::vector<std::string> &files);
  // False: later.
  [[nodiscard]] bool post(const EventSpool &spool, Post post);
  void wait_for(const ApiAnswer &answer);
  void remove(const EventSpool &spool, const std::vector<std::string> &files);

  EventSink &sink_;
  Clock &clock_;
  Say say_;
  EventCorrelator correlator_;
  EventCounts counts_;
  std::optional<Post> waiting_;  // for another try
  std::set<std::string> stuck_;  // names that cannot be removed
  std::string obstacle_;
  std::int64_t wait_ms_ = 0;
  std::int64_t not_before_ms_ = 0;  // monotonic
};

}  // namespace regcred::core
