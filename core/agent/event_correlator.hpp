// SPDX-License-Identifier: Apache-2.0
// Which failures become events, and which only count: the rules of client-go's recorder
// (k8s.io/client-go/tools/record/events_cache.go). Pure but for its memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/pod_event.hpp"

namespace regcred::core {

struct CorrelatorLimits {
  std::int64_t similar_ms = 600'000;  // events further apart are not similar
  std::size_t similar_max = 10;       // from this many different messages on, one event stands for all
  double burst = 25;                  // posts of one pod at once
  std::int64_t refill_ms = 300'000;   // and one more after this time
  std::size_t pods_max = 4096;        // remembered; the one not seen for longest is forgotten
  std::size_t events_max = 64;        // remembered of one pod
};

struct CorrelatedEvent {
  PodEvent event;
  bool is_known = false;  // it was posted before: a PATCH
};

class EventCorrelator {
 public:
  explicit EventCorrelator(CorrelatorLimits limits = {}) : limits_(limits) {}

  // `times` failures of one pod with one message, the last of them at `last_unix_ms`. The same message again is the
  // same event with a higher count. More than similar_max messages within similar_ms become one event, "(combined from
  // similar events): ...". Empty when the pod has had its share of posts: the failures still count for a later one.
  [[nodiscard]] std::optional<CorrelatedEvent> observe(const PodName &pod, const std::string &message,
                                                       std::uint64_t times, std::int64_t last_unix_ms,
                                                       std::int64_t now_ms);

 private:
  struct Pod {
    std::set<std::string> similar;           // messages
    std::int64_t similar_ms = 0;             // of the last one
    std::map<std::string, PodEvent> events;  // by message, "" for the combined one
    double tokens = 0;
    std::int64_t tokens_ms = 0;
    std::uint64_t seen = 0;  // number of the observation
  };

  [[nodiscard]] Pod &remembered(const PodName &pod, std::int64_t now_ms);
  [[nodiscard]] bool is_combined(Pod &pod, const std::string &message, std::int64_t now_ms) const;
  [[nodiscard]] bool may_post(Pod &pod, std::int64_t now_ms) const;

  CorrelatorLimits limits_;
  std::map<std::string, Pod> pods_;  // by UID
  std::uint64_t observations_ = 0;
  std::int64_t last_name_ns_ = 0;
};

}  // namespace regcred::core
