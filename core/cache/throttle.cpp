// SPDX-License-Identifier: Apache-2.0
// The bytes and the arithmetic of throttle_memory.hpp. Pure functions.
#include <algorithm>

#include "cache/sealed.hpp"
#include "cache/throttle_memory.hpp"
#include "cache/wire_types.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view throttle_magic = "regcred throttle 1\n";
constexpr std::int64_t kept_after_ms = 3600 * 1000;
constexpr std::int64_t wait_ms_max = throttle_seconds_max * 1100;  // with all of the jitter

}  // namespace

template <class Wire>
void on_wire(Wire &wire, Throttle &throttle) {
  wire.text(throttle.authority, limits::authority_bytes_max);
  on_wire(wire, throttle.created);
  wire.number(throttle.wait_ms);
  wire.number(throttle.asked_seconds);
  wire.number(throttle.count);
  wire.list(throttle.callers, throttle_callers_max);
}

std::string encode_throttle(Throttle &throttle) { return std::string(sealed(throttle_magic, throttle).reveal()); }

std::optional<Throttle> decode_throttle(std::string_view bytes) {
  if (bytes.size() > throttle_bytes_max) return std::nullopt;
  std::optional<Throttle> throttle = unsealed<Throttle>(throttle_magic, bytes);
  if (!throttle || throttle->authority.empty() || !is_printable(throttle->authority)) return std::nullopt;
  if (!is_possible(throttle->created) || throttle->count < 1) return std::nullopt;
  // guard: throttle-limit
  if (throttle->wait_ms < 0 || throttle->wait_ms > wait_ms_max) return std::nullopt;
  return throttle;
}

std::optional<std::int64_t> wait_left_ms(const Throttle &throttle, const NodeTime &now) {
  // guard: throttle-boot-id
  if (now.boot_id.empty() || throttle.created.boot_id != now.boot_id) return std::nullopt;
  const std::int64_t passed_ms = now.boot_ms - throttle.created.boot_ms;
  if (passed_ms < 0 || passed_ms > throttle.wait_ms + kept_after_ms) return std::nullopt;
  return throttle.wait_ms - passed_ms;
}

std::int64_t throttle_wait_ms(std::int64_t asked_seconds, std::int64_t count, double jitter) {
  constexpr std::int64_t guess_seconds = 5;
  constexpr std::int64_t guess_seconds_max = 60;
  const std::int64_t doublings = std::clamp<std::int64_t>(count - 1, 0, 10);
  const std::int64_t guess = std::min(guess_seconds_max, guess_seconds << doublings);
  const std::int64_t seconds = asked_seconds < 0 ? guess : std::min(asked_seconds, throttle_seconds_max);
  return seconds * 1000 + static_cast<std::int64_t>(static_cast<double>(seconds) * 100.0 * jitter);
}

}  // namespace regcred::core
