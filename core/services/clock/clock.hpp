// SPDX-License-Identifier: Apache-2.0
// Time as an interface, so that tests can set it.
#pragma once

#include <cstdint>

namespace regcred::core {

// Interface. Real: SystemClock. In tests: a clock that is set by hand and whose sleeps are recorded.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock &) = delete;
  Clock &operator=(const Clock &) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual std::int64_t unix_ms() = 0;       // wall clock, since 1970-01-01 UTC
  [[nodiscard]] virtual std::int64_t monotonic_ms() = 0;  // never goes back
  // Since the node was booted, time asleep included; never goes back. Comparable between processes of one boot.
  [[nodiscard]] virtual std::int64_t boot_ms() { return monotonic_ms(); }
  virtual void sleep_ms(std::int64_t duration_ms) = 0;  // returns at once when not positive
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t unix_ms() override;
  [[nodiscard]] std::int64_t monotonic_ms() override;
  [[nodiscard]] std::int64_t boot_ms() override;
  void sleep_ms(std::int64_t duration_ms) override;
};

// The moment at which a request must be over: absolute, so that every step gets the time that is left.
struct Deadline {
  std::int64_t monotonic_ms = 0;
};

[[nodiscard]] inline std::int64_t remaining_ms(Deadline deadline, Clock &clock) {
  return deadline.monotonic_ms - clock.monotonic_ms();
}

}  // namespace regcred::core
