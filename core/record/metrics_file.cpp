// SPDX-License-Identifier: Apache-2.0
#include "record/metrics_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "common/replace_file.hpp"
#include "common/trusted_file.hpp"
#include "common/write_all.hpp"
#include "record/metrics.hpp"
#include "services/clock/timed_lock.hpp"

namespace regcred::core {
namespace {

constexpr int never_follow = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
constexpr std::int64_t lock_poll_ms = 2;

tl::unexpected<Error> cannot(const std::string &path, const std::string &what, int error) {
  return fail(ErrorCode::internal, path, "cannot be " + what + ": " + std::generic_category().message(error));
}

std::uint64_t size_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

// The size of the lock file is the number of requests that could not be counted: O_APPEND needs no lock.
void note_loss(int lock) {
  if (size_of(lock) >= metrics_lost_max) return;
  [[maybe_unused]] const bool noted = write_all(lock, "\n");  // guard: lost-counted
}

// One metrics file in its directory, which is open and trusted.
class MetricsFile {
 public:
  MetricsFile(UniqueFd directory, const std::string &path)
      : directory_(std::move(directory)), path_(path), name_(path.substr(path.rfind('/') + 1)) {}

  // Holds the lock until the descriptor is closed.
  [[nodiscard]] Result<UniqueFd> lock(Clock &clock, std::int64_t ms_max) const {
    const std::string lock_path = path_ + ".lock";
    UniqueFd fd(
        ::openat(directory_.get(), (name_ + ".lock").c_str(), O_RDWR | O_CREAT | O_APPEND | never_follow, 0600));
    if (!fd) return cannot(lock_path, "opened", errno);
    if (!is_file_of_ours(fd.get()))
      return fail(ErrorCode::internal, lock_path, "is not a regular file of root or of this user");
    // guard: metrics-lock
    const int taken = lock_until(fd.get(), clock, lock_poll_ms, {clock.monotonic_ms() + ms_max});
    if (taken == EWOULDBLOCK) {
      note_loss(fd.get());
      return fail(ErrorCode::internal, lock_path, "other processes held it for " + std::to_string(ms_max) + " ms");
    }
    if (taken != 0) return cannot(lock_path, "locked", taken);
    return fd;
  }

  [[nodiscard]] Metrics read() const {
    const UniqueFd fd(::openat(directory_.get(), name_.c_str(), O_RDONLY | never_follow));
    if (!fd || !is_file_of_ours(fd.get())) return {};
    const Result<std::string> text = read_all(fd.get(), metrics_file_bytes_max, ErrorCode::internal, path_);
    if (!text) return {};
    return parse_metrics(*text).value_or(Metrics{});
  }

  [[nodiscard]] Status replace(std::string_view text) const {
    const int reason = replace_file(directory_.get(), name_, name_ + ".tmp", text, 0644);
    if (reason != 0) return cannot(path_, "replaced", reason);
    return {};
  }

 private:
  UniqueFd directory_;
  const std::string &path_;
  std::string name_;
};

}  // namespace

Status add_to_metrics_file(const std::string &path, const RequestRecord &record, Clock &clock,
                           std::int64_t lock_ms_max) {
  const std::string directory = path.substr(0, path.rfind('/') + 1);
  Result<UniqueFd> trusted = open_trusted_directory(directory, ErrorCode::config, DirectoryTrust::all_trusted);
  if (!trusted) return tl::make_unexpected(std::move(trusted.error()));
  const MetricsFile file(std::move(*trusted), path);

  const Result<UniqueFd> lock = file.lock(clock, lock_ms_max);
  if (!lock) return tl::make_unexpected(lock.error());
  Metrics metrics = file.read();
  count_request(metrics, record);
  metrics.lost = size_of(lock->get());
  const std::string text = render_metrics(metrics);
  if (text.size() > metrics_file_bytes_max) {
    return fail(ErrorCode::internal, path, "is full: no further registry entry has room in it",
                "remove it, and let the counts start from zero");
  }
  return file.replace(text);
}

}  // namespace regcred::core
