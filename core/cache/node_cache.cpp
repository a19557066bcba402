// SPDX-License-Identifier: Apache-2.0
#include "cache/node_cache.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <tuple>

#include "cache/file_names.hpp"
#include "common/advice.hpp"
#include "common/limits.hpp"

namespace regcred::core {
namespace {

constexpr const char *sweep_name = "swept";
constexpr std::time_t sweep_every_seconds = 600;
constexpr std::time_t temporary_seconds_max = 300;
constexpr std::int64_t clear_wait_ms_max = 2000;
constexpr std::time_t lock_seconds_max = 24 * 3600;
constexpr std::size_t names_max = 4 * limits::cache_entries_max;  // of a directory, as far as it is looked at

struct FileEntry {
  CacheEntry entry;
  std::size_t bytes;  // of the file
};

// The entry in the file `name`; empty when there is none that passes. `present`: something of that name is there.
std::optional<FileEntry> read_entry(const PrivateDirectory &directory, const std::string &name, bool &present) {
  const std::optional<Secret> bytes = directory.read(name, limits::cache_entry_bytes_max, present);
  std::optional<CacheEntry> entry = bytes ? decode_entry(bytes->reveal()) : std::nullopt;
  if (!entry) return std::nullopt;
  return FileEntry{std::move(*entry), bytes->size()};
}

// Seconds since the content of `name` was written; negative: there is no such file.
std::time_t age_seconds(const PrivateDirectory &directory, const std::string &name) {
  struct stat status {};
  if (::fstatat(directory.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return -1;
  return std::max<std::time_t>(0, std::time(nullptr) - status.st_mtim.tv_sec);
}

// "3f0c...": another one after each boot (proc_sys_kernel(5)); empty when it cannot be read.
std::string boot_id() {
  const UniqueFd fd(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  std::array<char, 64> bytes{};
  const ssize_t size = fd ? ::read(fd.get(), bytes.data(), bytes.size()) : 0;
  const std::string_view text(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return std::string(text.substr(0, text.find('\n')));
}

// Removes a lock that nobody holds, while holding it: whoever has opened it before sees that its name is gone.
void remove_lock(const PrivateDirectory &directory, const std::string &name) {
  const UniqueFd fd = directory.open_file(name, O_RDWR);
  if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) directory.remove(name);
}

std::string_view host_of(const CacheEntry &entry) {
  const std::string_view image = entry.image;
  return image.substr(0, image.find('/'));
}

bool is_meant(const CacheEntry &entry, const EntryFilter &filter) {
  const std::string_view account = entry.service_account;
  return (filter.name.empty() || filter.name == entry.name) &&
         (filter.registry.empty() || filter.registry == host_of(entry)) &&
         (filter.name_space.empty() || filter.name_space == account.substr(0, account.find('/')));
}

}  // namespace

NodeTime node_time(Clock &clock) { return {clock.unix_ms(), clock.boot_ms(), boot_id()}; }

NodeCache::NodeCache(PrivateDirectory directory, const NodeCacheConfig &config, Clock &clock)
    : directory_(std::move(directory)),
      entries_max_(config.entries_max),
      clock_(&clock),
      boot_id_(node_time(clock).boot_id) {}

Result<NodeCache> NodeCache::open(const NodeCacheConfig &config, Clock &clock, PrivateDirectory::Missing missing) {
  Result<PrivateDirectory> directory = PrivateDirectory::open(config.directory, missing);
  if (!directory) return tl::make_unexpected(std::move(directory.error()));
  if (config.require_tmpfs && !directory->is_in_memory()) {  // guard: cache-in-memory
    return fail(ErrorCode::config, config.directory,
                "does not lie in memory (tmpfs), so credentials would be written to a disk",
                "mount -t tmpfs -o mode=0700 tmpfs " + shell_word(config.directory) +
                    ", name another directory in defaults.nodeCache.directory, or set requireTmpfs: false");
  }
  return NodeCache(std::move(*directory), config, clock);
}

NodeTime NodeCache::now() const { return {clock_->unix_ms(), clock_->boot_ms(), boot_id_}; }

NodeCache::Found NodeCache::find(const std::string &key) const {
  bool present = false;
  std::optional<FileEntry> file = read_entry(directory_, data_name(key), present);
  if (!file || file->entry.key != key) return {std::nullopt, present};  // guard: cache-whole-key
  return {std::move(file->entry), false};
}

int NodeCache::put(CacheEntry &entry) const {
  const Found present = find(entry.key);
  if (present.entry && present.entry->created.boot_id == entry.created.boot_id &&
      present.entry->created.boot_ms > entry.created.boot_ms) {
    return 0;
  }
  const Secret bytes = encode_entry(entry);
  if (bytes.size() > limits::cache_entry_bytes_max) return EFBIG;
  const int reason = directory_.replace(data_name(entry.key), bytes.reveal());
  sweep_if_due();
  return reason;
}

void NodeCache::sweep_if_due() const {
  const std::time_t age = age_seconds(directory_, sweep_name);
  if (age >= 0 && age <= sweep_every_seconds) return;
  const UniqueFd lock = directory_.open_file(sweep_name, O_RDWR | O_CREAT);
  if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return;
  static_cast<void>(::futimens(lock.get(), nullptr));
  sweep();
}

void NodeCache::sweep() const {
  struct Kept {
    std::int64_t created_ms;
    std::size_t bytes;
    std::string name;
  };
  std::vector<Kept> kept;
  std::size_t all_bytes = 0;
  const NodeTime time = now();
  for (const std::string &name : directory_.names(names_max)) {
    if (is_named(name, temporary_ending) && age_seconds(directory_, name) > temporary_seconds_max) {
      directory_.remove(name);
    } else if (is_named(name, lock_ending) && age_seconds(directory_, name) > lock_seconds_max) {
      remove_lock(directory_, name);
    } else if (is_named(name, data_ending)) {
      bool present = false;
      const std::optional<FileEntry> file = read_entry(directory_, name, present);
      if (!file || !life_left(file->entry, time)) {
        directory_.remove(name);
        continue;
      }
      kept.push_back({file->entry.created.boot_ms, file->bytes, name});
      all_bytes += file->bytes;
    }
  }
  std::sort(kept.begin(), kept.end(), [](const Kept &a, const Kept &b) { return a.created_ms > b.created_ms; });
  while (!kept.empty() && (kept.size() > entries_max_ || all_bytes > limits::cache_bytes_max)) {
    directory_.remove(kept.back().name);
    all_bytes -= kept.back().bytes;
    kept.pop_back();
  }
}

std::vector<StoredEntry> NodeCache::list() const {
  std::vector<StoredEntry> stored;
  const NodeTime time = now();
  for (std::string &name : directory_.names(names_max)) {
    if (!is_named(name, data_ending)) continue;
    bool present = false;
    std::optional<FileEntry> file = read_entry(directory_, name, present);
    if (!file) continue;
    file->entry.payload.wipe();
    const std::optional<LifeLeft> left = life_left(file->entry, time);
    stored.push_back({std::move(name), file->bytes, std::move(file->entry), left});
  }
  std::sort(stored.begin(), stored.end(), [](const StoredEntry &a, const StoredEntry &b) {
    return std::tie(a.entry.name, a.entry.service_account, a.entry.image, a.file) <
           std::tie(b.entry.name, b.entry.service_account, b.entry.image, b.file);
  });
  return stored;
}

std::size_t NodeCache::clear(const EntryFilter &filter) const {
  std::size_t count = 0;
  const Deadline deadline{clock_->monotonic_ms() + clear_wait_ms_max};
  for (const StoredEntry &stored : list()) {
    if (!is_meant(stored.entry, filter)) continue;
    FlightLock lock = lock_of(stored.entry.key);  // whoever asks now would store what it gets after this
    static_cast<void>(lock.take(deadline));
    if (directory_.remove(stored.file)) ++count;
  }
  if (!filter.name.empty() || !filter.registry.empty() || !filter.name_space.empty()) return count;
  for (const std::string &name : directory_.names(names_max)) {
    if (is_named(name, lock_ending)) remove_lock(directory_, name);
    if (is_named(name, data_ending) || is_named(name, temporary_ending)) directory_.remove(name);
  }
  return count;
}

}  // namespace regcred::core
