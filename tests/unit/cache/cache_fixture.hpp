// SPDX-License-Identifier: Apache-2.0
// A node whose three clocks are set by hand, and entries for it.
#pragma once

#include <string>

#include "cache/entry.hpp"
#include "cache/node_cache.hpp"
#include "services/clock/clock.hpp"

namespace regcred::testing {

class NodeClock final : public core::Clock {
 public:
  std::int64_t wall_ms = 1'800'000'000'000;
  std::int64_t running_ms = 5'000'000;

  void pass_ms(std::int64_t ms) {
    wall_ms += ms;
    running_ms += ms;
  }
  [[nodiscard]] std::int64_t unix_ms() override { return wall_ms; }
  [[nodiscard]] std::int64_t monotonic_ms() override { return running_ms; }
  void sleep_ms(std::int64_t ms) override { pass_ms(ms); }
};

[[nodiscard]] inline core::CacheEntry some_entry(const core::NodeTime &created, char digit = 'a') {
  core::CacheEntry entry;
  entry.key = std::string(64, digit);
  entry.created = created;
  entry.usable_seconds = 3240;
  entry.life_seconds = 3600;
  entry.scope = core::CacheKeyType::registry;
  entry.name = "cloudsmith";
  entry.backend = "cloudsmith";
  entry.image = "docker.cloudsmith.io/acme/app";
  entry.service_account = "team-a/default";
  entry.payload = Secret("the password");
  return entry;
}

[[nodiscard]] inline core::NodeCacheConfig cache_at(const std::string &directory) {
  core::NodeCacheConfig config;
  config.directory = directory;
  config.require_tmpfs = false;
  return config;
}

}  // namespace regcred::testing
