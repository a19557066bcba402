// SPDX-License-Identifier: Apache-2.0
#include "services/clock/clock.hpp"

#include <cerrno>
#include <ctime>

namespace regcred::core {
namespace {

std::int64_t read_ms(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

std::int64_t SystemClock::unix_ms() { return read_ms(CLOCK_REALTIME); }

std::int64_t SystemClock::monotonic_ms() { return read_ms(CLOCK_MONOTONIC); }

std::int64_t SystemClock::boot_ms() { return read_ms(CLOCK_BOOTTIME); }

void SystemClock::sleep_ms(std::int64_t duration_ms) {
  if (duration_ms <= 0) return;
  timespec rest{static_cast<std::time_t>(duration_ms / 1000), (duration_ms % 1000) * 1'000'000};
  while (::clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &rest) == EINTR) {
  }
}

}  // namespace regcred::core
