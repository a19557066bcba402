// SPDX-License-Identifier: Apache-2.0
// Which host asked for no requests until when, kept for all executions on the node. It holds no secret.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/entry.hpp"
#include "cache/private_directory.hpp"
#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

inline constexpr std::int64_t throttle_seconds_max = 3600;  // a host that asks for more is asked again after this
inline constexpr std::size_t throttles_max = 64;            // authorities
inline constexpr std::size_t throttle_callers_max = 256;    // of one authority

inline constexpr std::size_t throttle_bytes_max = 32U << 10U;

// The memory of one authority (services/http/throttle_watch.hpp).
struct Throttle {
  std::string authority;  // "https://api.cloudsmith.io:443"
  NodeTime created;
  std::int64_t wait_ms = 0;          // from `created`, limit and jitter included
  std::int64_t asked_seconds = -1;   // what the host asked for; -1: it did not say
  std::int64_t count = 0;            // throttled answers since the last one that was not
  std::vector<std::string> callers;  // who was throttled: keys of dispatch/cache_key.hpp, the latest last
};

// Bytes as for entries (entry.hpp): magic, fields, SHA-256. decode_throttle() is empty for bytes that encode_throttle()
// does not write.
[[nodiscard]] std::string encode_throttle(Throttle &throttle);
[[nodiscard]] std::optional<Throttle> decode_throttle(std::string_view bytes);

// What is left of the wait at `now`, in milliseconds; negative or 0: over, and one request may see whether the host
// answers again. By boot_ms alone: a wall clock that is set changes nothing. Empty when it no longer counts: of another
// boot, made later than `now`, or over for longer than it was asked for and an hour.
[[nodiscard]] std::optional<std::int64_t> wait_left_ms(const Throttle &throttle, const NodeTime &now);

// How long to wait after `count` throttled answers in a row, of which the last asked for `asked_seconds` (-1: nothing):
// at most throttle_seconds_max; 5 s, doubled to 60 s, without a word of the host. `jitter`, 0 to 1, adds up to 10 %, so
// that the nodes of a cluster do not come back in the same second.
[[nodiscard]] std::int64_t throttle_wait_ms(std::int64_t asked_seconds, std::int64_t count, double jitter);

// Refers to the clock.
class ThrottleMemory {
 public:
  // Empty, after one failed open, when nothing was ever remembered (Missing::leave); or when the directory cannot be
  // used. `error` then says why, when it is worth a word.
  [[nodiscard]] static std::optional<ThrottleMemory> open(const ThrottleConfig &config, Clock &clock,
                                                          PrivateDirectory::Missing missing,
                                                          std::optional<Error> &error);

  [[nodiscard]] NodeTime now() const;

  // What counts now, by authority.
  [[nodiscard]] std::vector<Throttle> all() const;

  // `authority` asked for fewer requests. `caller` is remembered with it.
  void note(const std::string &authority, std::int64_t asked_seconds, const std::string &caller, double jitter) const;

  // `caller` would have asked `authority`, too.
  void add_caller_of(const std::string &authority, const std::string &caller) const;

  // `authority` answered again. False when it is still there.
  bool forget(const std::string &authority) const;

  // For one request at the end of a wait: an exclusive lock of `authority`, which ends with the descriptor. Empty when
  // another execution holds it until `deadline`.
  [[nodiscard]] UniqueFd probe_lock(const std::string &authority, Deadline deadline) const;

  // For the operator: removes every file. Gives the number of authorities.
  std::size_t clear() const;

 private:
  ThrottleMemory(PrivateDirectory directory, Clock &clock);
  void sweep() const;

  PrivateDirectory directory_;
  Clock *clock_;
  std::string boot_id_;
};

}  // namespace regcred::core
