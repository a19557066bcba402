// SPDX-License-Identifier: Apache-2.0
// A file of the node cache or of the memory of throttling, as somebody changed it: not taken, or written again byte by
// byte, and never alive for longer than when it was made. No search finds a checksum, so that of the input is added.
#include "cache/entry.hpp"
#include "cache/flight_lock.hpp"
#include "cache/throttle_memory.hpp"
#include "common/limits.hpp"
#include "common/sha256.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

namespace {

// Moments around the one at which the file says it was made, by one clock or both.
template <class Judge>
void at_some_moments(const NodeTime &created, Judge judge) {
  constexpr std::int64_t shifts[] = {-86'400'000, -1001, 0, 1, 30'000, 3'600'000, 400LL * 86'400'000};
  for (const std::int64_t wall : shifts) {
    for (const std::int64_t boot : shifts) {
      NodeTime now = created;
      now.unix_ms += wall;
      now.boot_ms += boot;
      judge(now, wall, boot);
    }
  }
}

void judge_entry(std::string_view bytes) {
  std::optional<CacheEntry> entry = decode_entry(bytes);
  if (!entry) return;
  require(bytes.size() <= limits::cache_entry_bytes_max, "an entry is within its limit");
  require(encode_entry(*entry).reveal() == bytes, "what is decoded is what would be encoded");
  require(entry->usable_seconds <= entry->life_seconds, "the kubelet keeps nothing longer than it lives");
  at_some_moments(entry->created, [&](const NodeTime &now, std::int64_t wall, std::int64_t boot) {
    const std::optional<LifeLeft> left = life_left(*entry, now);
    if (!left) return;
    require(wall >= 0 && boot >= 0, "nothing counts before it was made");
    const std::int64_t passed = std::max(wall, boot) / 1000;
    require(left->life_seconds >= 1 && left->life_seconds <= entry->life_seconds - passed, "life only ends");
    require(left->usable_seconds <= entry->usable_seconds - passed, "so does its use");
  });
  NodeTime other_boot = entry->created;
  other_boot.boot_id += 'x';
  require(!life_left(*entry, other_boot), "nothing outlives a boot");
  require(refresh_before_seconds(*entry) >= 1, "it is renewed before its end");
}

void judge_outcome(std::string_view bytes) {
  std::optional<FlightOutcome> outcome = decode_outcome(bytes);
  if (outcome) require(encode_outcome(*outcome).reveal() == bytes, "what is decoded is what would be encoded");
}

void judge_throttle(std::string_view bytes) {
  std::optional<Throttle> throttle = decode_throttle(bytes);
  if (!throttle) return;
  require(encode_throttle(*throttle) == bytes, "what is decoded is what would be encoded");
  require(throttle->authority.size() <= limits::authority_bytes_max, "an authority is within its limit");
  require(throttle->callers.size() <= throttle_callers_max, "so are the callers");
  at_some_moments(throttle->created, [&](const NodeTime &now, std::int64_t, std::int64_t boot) {
    const std::optional<std::int64_t> left = wait_left_ms(*throttle, now);
    if (!left) return;
    require(boot >= 0, "nothing counts before it was made");
    require(*left <= (throttle_seconds_max * 1000) * 11 / 10 - boot, "nobody is blocked for longer than the limit");
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view text = regcred::fuzz::text_of(data, size);
  const std::string whole = std::string(text) + sha256_of_text(text);
  for (const std::string_view bytes : {text, std::string_view(whole)}) {
    judge_entry(bytes);
    judge_outcome(bytes);
    judge_throttle(bytes);
  }
  return 0;
}
