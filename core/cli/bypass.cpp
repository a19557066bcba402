// SPDX-License-Identifier: Apache-2.0
#include "cli/bypass.hpp"

#include <algorithm>

#include "cache/throttle_memory.hpp"
#include "common/advice.hpp"
#include "common/duration.hpp"
#include "common/utc_time.hpp"

namespace regcred::core {
namespace {

std::vector<std::string> throttled_hosts(const Config &config, Clock &clock) {
  if (!config.throttle.enabled) return {};
  std::optional<Error> error;
  const std::optional<ThrottleMemory> memory =
      ThrottleMemory::open(config.throttle, clock, PrivateDirectory::Missing::leave, error);
  if (!memory) return {};
  std::vector<std::string> lines;
  const NodeTime now = memory->now();
  for (const Throttle &throttle : memory->all()) {
    const std::int64_t left_ms = wait_left_ms(throttle, now).value_or(0);
    if (left_ms <= 0) continue;
    lines.push_back(throttle.authority + " asked for no requests until " + utc_text((now.unix_ms + left_ms) / 1000) +
                    " (in " + format_seconds(std::chrono::seconds((left_ms + 999) / 1000)) +
                    "), as a pull on this node learnt");
  }
  return lines;
}

}  // namespace

Bypassed find_bypassed(const Workshop &workshop, const Route &route) {
  Bypassed bypassed;
  const auto kept = std::find_if(route.candidates.begin(), route.candidates.end(),
                                 [](const RegistryEntry *entry) { return entry->cache_node != NodeCacheMode::off; });
  if (kept != route.candidates.end()) {
    bypassed.cache = "the node cache of entry " + (*kept)->name + " is not used, the registry is asked";
  }
  bypassed.throttled = throttled_hosts(workshop.config, workshop.clock);
  return bypassed;
}

std::string clear_throttle_command(const Config &config) {
  return advised_command(config.invocation, "cache clear --throttle");
}

}  // namespace regcred::core
