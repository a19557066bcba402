// SPDX-License-Identifier: Apache-2.0
// Answers that the node keeps between executions. START HERE in this folder. How they are used for a request:
// dispatch/caching_runner.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cache/entry.hpp"
#include "cache/flight_lock.hpp"
#include "cache/private_directory.hpp"
#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

// Now, by both clocks; boot_id is read from /proc (empty when it cannot be read: nothing is then valid).
[[nodiscard]] NodeTime node_time(Clock &clock);

// A file of the cache, for people: the entry without its payload.
struct StoredEntry {
  std::string file;  // its name
  std::size_t bytes = 0;
  CacheEntry entry;
  std::optional<LifeLeft> left;  // empty: it no longer counts
};

// Which entries are meant; an empty text means all.
struct EntryFilter {
  std::string name;        // of the registry entry
  std::string registry;    // host[:port] of the image
  std::string name_space;  // of the service account
};

// Refers to the clock.
class NodeCache {
 public:
  // Opens the directory (private_directory.hpp). Fails as that does, and with ErrorCode::config when it does not lie in
  // memory although `config` requires that.
  [[nodiscard]] static Result<NodeCache> open(const NodeCacheConfig &config, Clock &clock,
                                              PrivateDirectory::Missing missing);

  [[nodiscard]] const PrivateDirectory &directory() const noexcept { return directory_; }
  [[nodiscard]] NodeTime now() const;

  // The entry of `key`, whatever is left of its life. `corrupt` when there is a file of that name that does not count:
  // damaged, of another key, or not a private file.
  struct Found {
    std::optional<CacheEntry> entry;
    bool corrupt = false;
  };
  [[nodiscard]] Found find(const std::string &key) const;

  // Writes the entry of entry.key, unless a newer one of this boot is there, and sometimes sweeps: what is over, what a
  // killed process left, then the oldest above the limits. Returns 0, or errno of what failed.
  [[nodiscard]] int put(CacheEntry &entry) const;

  // The lock of `key` (flight_lock.hpp).
  [[nodiscard]] FlightLock lock_of(const std::string &key) const { return {directory_, key, clock_}; }

  // For the operator: all entries, sorted by name of the registry entry, service account and image. Files that are no
  // entry are left out.
  [[nodiscard]] std::vector<StoredEntry> list() const;

  // Removes the entries that `filter` means; with a filter that means all, every file of the cache. Waits up to 2 s in
  // all for executions that ask at that moment. Gives their number.
  std::size_t clear(const EntryFilter &filter) const;

 private:
  NodeCache(PrivateDirectory directory, const NodeCacheConfig &config, Clock &clock);
  void sweep_if_due() const;
  void sweep() const;

  PrivateDirectory directory_;
  std::uint32_t entries_max_;
  Clock *clock_;
  std::string boot_id_;
};

}  // namespace regcred::core
