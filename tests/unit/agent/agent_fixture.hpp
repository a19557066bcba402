// SPDX-License-Identifier: Apache-2.0
// A clock that is set by hand, pods, and an API server that answers as the test says.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "agent/api_server.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

class HandClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t unix_ms() override { return 1'732'700'000'000 + now_ms; }
  [[nodiscard]] std::int64_t monotonic_ms() override { return now_ms; }
  void sleep_ms(std::int64_t duration_ms) override { now_ms += duration_ms; }
  std::int64_t now_ms = 0;
};

inline PodName pod(const std::string &name) { return {"team-a", name, "uid-" + name}; }

class ScriptedSink final : public EventSink {
 public:
  [[nodiscard]] ApiAnswer create(const PodEvent &event) override { return next("POST", event); }
  [[nodiscard]] ApiAnswer patch(const PodEvent &event) override { return next("PATCH", event); }

  std::deque<ApiAnswer> answers;   // 201 when there is none left
  std::vector<std::string> calls;  // "POST app 1 MESSAGE"
  std::vector<PodEvent> events;

 private:
  ApiAnswer next(const std::string &method, const PodEvent &event) {
    calls.push_back(method + ' ' + event.pod.name + ' ' + std::to_string(event.count) + ' ' + event.message);
    events.push_back(event);
    if (answers.empty()) return {.status = 201};
    ApiAnswer answer = answers.front();
    answers.pop_front();
    return answer;
  }
};

}  // namespace regcred::core
