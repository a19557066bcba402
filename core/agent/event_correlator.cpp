// SPDX-License-Identifier: Apache-2.0
#include "agent/event_correlator.hpp"

#include <algorithm>

namespace regcred::core {
namespace {

constexpr const char *combined = "(combined from similar events): ";
constexpr std::int64_t ns_of_ms = 1'000'000;

}  // namespace

EventCorrelator::Pod &EventCorrelator::remembered(const PodName &pod, std::int64_t now_ms) {
  const auto [found, is_new] = pods_.try_emplace(pod.uid);
  if (is_new) {
    found->second.tokens = limits_.burst;
    found->second.tokens_ms = now_ms;
  }
  found->second.seen = ++observations_;
  if (pods_.size() > limits_.pods_max) {  // guard: correlator-bound
    pods_.erase(std::min_element(pods_.begin(), pods_.end(),
                                 [](const auto &a, const auto &b) { return a.second.seen < b.second.seen; }));
  }
  return pods_[pod.uid];
}

bool EventCorrelator::is_combined(Pod &pod, const std::string &message, std::int64_t now_ms) const {
  if (now_ms - pod.similar_ms > limits_.similar_ms) pod.similar.clear();
  if (pod.events.size() >= limits_.events_max) pod.events.clear();
  pod.similar_ms = now_ms;
  if (pod.similar.size() < limits_.similar_max) pod.similar.insert(message);
  return pod.similar.size() >= limits_.similar_max;
}

bool EventCorrelator::may_post(Pod &pod, std::int64_t now_ms) const {
  const std::int64_t passed_ms = std::max<std::int64_t>(0, now_ms - pod.tokens_ms);
  pod.tokens =
      std::min(limits_.burst, pod.tokens + static_cast<double>(passed_ms) / static_cast<double>(limits_.refill_ms));
  pod.tokens_ms = now_ms;
  if (pod.tokens < 1) return false;  // guard: event-rate
  pod.tokens -= 1;
  return true;
}

std::optional<CorrelatedEvent> EventCorrelator::observe(const PodName &pod, const std::string &message,
                                                        std::uint64_t times, std::int64_t last_unix_ms,
                                                        std::int64_t now_ms) {
  Pod &known = remembered(pod, now_ms);
  const bool is_one_of_many = is_combined(known, message, now_ms);
  PodEvent &event = known.events[is_one_of_many ? std::string() : message];
  CorrelatedEvent observed;
  observed.is_known = event.count > 0;
  if (!observed.is_known) {
    last_name_ns_ = std::max(last_name_ns_ + 1, now_ms * ns_of_ms);
    event.pod = pod;
    event.name = event_name(pod, last_name_ns_);
    event.first_unix_ms = last_unix_ms;
  }
  event.message = is_one_of_many ? combined + message : message;
  event.last_unix_ms = std::max(event.last_unix_ms, last_unix_ms);
  event.count += times;
  observed.event = event;
  if (!may_post(known, now_ms)) return std::nullopt;
  return observed;
}

}  // namespace regcred::core
