// SPDX-License-Identifier: Apache-2.0
#include "cache/flight_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "cache/file_names.hpp"
#include "cache/sealed.hpp"
#include "cache/wire_types.hpp"
#include "common/limits.hpp"
#include "common/write_all.hpp"
#include "services/clock/timed_lock.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view outcome_magic = "regcred outcome 1\n";
constexpr std::int64_t flight_poll_ms = 5;

}  // namespace

template <class Wire>
void on_wire(Wire &wire, FlightOutcome &outcome) {
  on_wire(wire, outcome.ended);
  wire.flag(outcome.failed);
  wire.text(outcome.key, 64);
  wire.secret(outcome.payload, limits::cache_entry_bytes_max);
}

Secret encode_outcome(FlightOutcome &outcome) { return sealed(outcome_magic, outcome); }

std::optional<FlightOutcome> decode_outcome(std::string_view bytes) {
  if (bytes.size() > limits::cache_entry_bytes_max) return std::nullopt;
  std::optional<FlightOutcome> outcome = unsealed<FlightOutcome>(outcome_magic, bytes);
  if (!outcome || !is_possible(outcome->ended)) return std::nullopt;
  return outcome;
}

FlightLock::FlightLock(const PrivateDirectory &directory, const std::string &key, Clock *clock)
    : directory_(directory), name_(lock_name(key)), clock_(clock) {}

bool FlightLock::is_the_file_of_its_name() const {
  struct stat held {};
  struct stat named {};
  return ::fstat(fd_.get(), &held) == 0 &&
         ::fstatat(directory_.fd(), name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && held.st_ino == named.st_ino;
}

FlightLock::State FlightLock::take(Deadline deadline) {
  constexpr int files_max = 10;
  for (int files = 0; files < files_max; ++files) {
    fd_ = directory_.open_file(name_, O_RDWR | O_CREAT);
    if (!fd_) return State::unusable;
    const int taken = lock_while(fd_.get(), *clock_, flight_poll_ms, [&] {
      if (remaining_ms(deadline, *clock_) <= 0) return false;
      const std::optional<FlightOutcome> before = last();
      return !before || before->failed;
    });
    if (taken == EWOULDBLOCK) return State::busy;
    if (taken != 0) return State::unusable;
    if (is_the_file_of_its_name()) return State::held;  // guard: swept-lock
  }
  return State::unusable;
}

std::optional<FlightOutcome> FlightLock::last() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0 || status.st_size == 0) return std::nullopt;
  if (static_cast<std::size_t>(status.st_size) > limits::cache_entry_bytes_max) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  if (::pread(fd_.get(), bytes.data(), bytes.size(), 0) != status.st_size) return std::nullopt;
  std::optional<FlightOutcome> outcome = decode_outcome(bytes);
  wipe(bytes);
  return outcome;
}

void FlightLock::note(FlightOutcome *outcome) const {
  if (!fd_ || ::ftruncate(fd_.get(), 0) != 0 || outcome == nullptr) return;
  ::lseek(fd_.get(), 0, SEEK_SET);
  static_cast<void>(write_all(fd_.get(), encode_outcome(*outcome).reveal()));  // torn: it does not count
}

}  // namespace regcred::core
