// SPDX-License-Identifier: Apache-2.0
#include "cache/throttle_memory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "cache/file_names.hpp"
#include "cache/node_cache.hpp"
#include "common/sha256.hpp"
#include "services/clock/timed_lock.hpp"

namespace regcred::core {
namespace {

constexpr const char *write_lock_name = "lock";
constexpr std::int64_t write_lock_ms_max = 200;
constexpr std::int64_t throttle_poll_ms = 5;
constexpr std::size_t throttle_names_max = 4 * throttles_max;

std::optional<Throttle> read_throttle(const PrivateDirectory &directory, const std::string &name) {
  bool present = false;
  const std::optional<Secret> bytes = directory.read(name, throttle_bytes_max, present);
  std::optional<Throttle> throttle = bytes ? decode_throttle(bytes->reveal()) : std::nullopt;
  if (throttle && name != data_name(sha256_of_text(throttle->authority))) return std::nullopt;
  return throttle;
}

void add_caller(std::vector<std::string> &callers, const std::string &caller) {
  std::erase(callers, caller);
  if (callers.size() >= throttle_callers_max) callers.erase(callers.begin());
  callers.push_back(caller);
}

}  // namespace

ThrottleMemory::ThrottleMemory(PrivateDirectory directory, Clock &clock)
    : directory_(std::move(directory)), clock_(&clock), boot_id_(node_time(clock).boot_id) {}

std::optional<ThrottleMemory> ThrottleMemory::open(const ThrottleConfig &config, Clock &clock,
                                                   PrivateDirectory::Missing missing, std::optional<Error> &error) {
  if (!config.enabled) return std::nullopt;
  if (missing == PrivateDirectory::Missing::leave) {
    const UniqueFd fd(::open(config.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd && errno == ENOENT) return std::nullopt;
  }
  Result<PrivateDirectory> directory = PrivateDirectory::open(config.directory, missing);
  if (directory) return ThrottleMemory(std::move(*directory), clock);
  error = std::move(directory.error());
  return std::nullopt;
}

NodeTime ThrottleMemory::now() const { return {clock_->unix_ms(), clock_->boot_ms(), boot_id_}; }

std::vector<Throttle> ThrottleMemory::all() const {
  std::vector<Throttle> throttles;
  const NodeTime time = now();
  for (const std::string &name : directory_.names(throttle_names_max)) {
    if (!is_named(name, data_ending)) continue;
    std::optional<Throttle> throttle = read_throttle(directory_, name);
    if (throttle && wait_left_ms(*throttle, time)) throttles.push_back(std::move(*throttle));
  }
  std::sort(throttles.begin(), throttles.end(),
            [](const Throttle &a, const Throttle &b) { return a.authority < b.authority; });
  return throttles;
}

void ThrottleMemory::note(const std::string &authority, std::int64_t asked_seconds, const std::string &caller,
                          double jitter) const {
  const UniqueFd lock = directory_.open_file(write_lock_name, O_RDWR | O_CREAT);
  const Deadline deadline{clock_->monotonic_ms() + write_lock_ms_max};
  if (!lock || lock_until(lock.get(), *clock_, throttle_poll_ms, deadline) != 0) return;
  const NodeTime time = now();
  const std::string name = data_name(sha256_of_text(authority));
  Throttle throttle = read_throttle(directory_, name).value_or(Throttle{});
  const std::optional<std::int64_t> left_ms = wait_left_ms(throttle, time);
  if (!left_ms) throttle = Throttle{};
  const bool still_waits = left_ms.value_or(0) > 0;
  if (!still_waits || asked_seconds >= 0) {  // what the host says counts more than a guess
    throttle.authority = authority;
    throttle.created = time;
    throttle.asked_seconds = asked_seconds;
    if (!still_waits) ++throttle.count;
    throttle.wait_ms = throttle_wait_ms(asked_seconds, throttle.count, jitter);
  }
  add_caller(throttle.callers, caller);
  sweep();
  static_cast<void>(directory_.replace(name, encode_throttle(throttle)));
}

void ThrottleMemory::add_caller_of(const std::string &authority, const std::string &caller) const {
  const UniqueFd lock = directory_.open_file(write_lock_name, O_RDWR | O_CREAT);
  const Deadline deadline{clock_->monotonic_ms() + write_lock_ms_max};
  if (!lock || lock_until(lock.get(), *clock_, throttle_poll_ms, deadline) != 0) return;
  const std::string name = data_name(sha256_of_text(authority));
  std::optional<Throttle> throttle = read_throttle(directory_, name);
  if (!throttle) return;
  add_caller(throttle->callers, caller);
  static_cast<void>(directory_.replace(name, encode_throttle(*throttle)));
}

bool ThrottleMemory::forget(const std::string &authority) const {
  return directory_.remove(data_name(sha256_of_text(authority)));
}

void ThrottleMemory::sweep() const {
  const NodeTime time = now();
  std::size_t kept = 0;
  for (const std::string &name : directory_.names(throttle_names_max)) {
    if (is_named(name, data_ending)) {
      const std::optional<Throttle> throttle = read_throttle(directory_, name);
      if (throttle && wait_left_ms(*throttle, time) && ++kept < throttles_max) continue;
      directory_.remove(name);
    } else if (name != write_lock_name) {
      struct stat status {};
      const bool known = ::fstatat(directory_.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
      if (known && std::time(nullptr) - status.st_mtim.tv_sec > throttle_seconds_max) directory_.remove(name);
    }
  }
}

UniqueFd ThrottleMemory::probe_lock(const std::string &authority, Deadline deadline) const {
  UniqueFd fd = directory_.open_file(lock_name(sha256_of_text(authority)), O_RDWR | O_CREAT);
  if (fd && lock_until(fd.get(), *clock_, throttle_poll_ms, deadline) == 0) {
    static_cast<void>(::futimens(fd.get(), nullptr));  // in use: not to be swept
    return fd;
  }
  return {};
}

std::size_t ThrottleMemory::clear() const {
  std::size_t count = 0;
  for (const std::string &name : directory_.names(throttle_names_max)) {
    if (is_named(name, data_ending) && directory_.remove(name)) ++count;
    if (is_named(name, temporary_ending)) directory_.remove(name);
  }
  return count;
}

}  // namespace regcred::core
