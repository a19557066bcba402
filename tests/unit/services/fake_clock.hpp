// SPDX-License-Identifier: Apache-2.0
// A clock that is set by hand; sleeping moves it and is written down.
#pragma once

#include <vector>

#include "services/clock/clock.hpp"

namespace regcred::core {

class FakeClock final : public Clock {
 public:
  std::int64_t now_ms = 0;
  std::vector<std::int64_t> sleeps;

  [[nodiscard]] std::int64_t unix_ms() override { return 1'700'000'000'000 + now_ms; }
  [[nodiscard]] std::int64_t monotonic_ms() override { return now_ms; }
  void sleep_ms(std::int64_t duration_ms) override {
    sleeps.push_back(duration_ms);
    now_ms += duration_ms;
  }
};

}  // namespace regcred::core
