// SPDX-License-Identifier: Apache-2.0
// One execution asks for a key, the others wait: a lock, and in its file what became of the last try that stored
// nothing.
#pragma once

#include <optional>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>

#include "cache/entry.hpp"
#include "cache/private_directory.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

// A try that stored nothing, or nothing that all who wait for this lock may use.
struct FlightOutcome {
  NodeTime ended;
  bool failed = false;  // whoever waited at that time takes the failure over; false: answers are not shared here
  std::string key;      // of a failure: what was asked for
  Secret payload;       // of a failure: the worker's result, as dispatch/ writes it
};

// Bytes as for entries (entry.hpp): magic, fields, SHA-256.
[[nodiscard]] Secret encode_outcome(FlightOutcome &outcome);
[[nodiscard]] std::optional<FlightOutcome> decode_outcome(std::string_view bytes);

// Refers to directory and clock. The lock ends with the object, or with the process.
class FlightLock {
 public:
  FlightLock(const PrivateDirectory &directory, const std::string &key, Clock *clock);

  enum class State { held, busy, unusable };
  // Waits at most until `deadline`, and not at all when the last try said that answers are not shared here. `busy`:
  // another execution holds it. `unusable`: the lock file cannot be made or opened (a full disk, a foreign file).
  [[nodiscard]] State take(Deadline deadline);

  // What became of the last try, also when the lock is busy; empty when it stored an entry, or cannot be read.
  [[nodiscard]] std::optional<FlightOutcome> last() const;

  // For the holder: `outcome` of its try, or nothing when an entry was stored.
  void note(FlightOutcome *outcome) const;

  // Lets the next one in.
  void release() noexcept { fd_.reset(); }

 private:
  [[nodiscard]] bool is_the_file_of_its_name() const;

  const PrivateDirectory &directory_;
  std::string name_;
  Clock *clock_;
  UniqueFd fd_;
};

}  // namespace regcred::core
