// SPDX-License-Identifier: Apache-2.0
#include "record/event_spool.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "common/directory_names.hpp"
#include "common/replace_file.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t names_max = 100'000;  // of a directory that others filled
constexpr std::size_t time_digits = 13;     // milliseconds, until the year 2286
constexpr std::string_view ending = ".json";
constexpr std::string_view half_written = ".new";

// "1732700000000-4711.json", so that the order of names is that of time.
std::string name_of(const SpoolEntry &entry) {
  std::string time = std::to_string(entry.unix_ms);
  time.insert(0, time_digits - std::min(time_digits, time.size()), '0');
  return time + '-' + std::to_string(::getpid()) + std::string(ending);
}

bool is_entry_name(std::string_view name) {
  const std::size_t dash = name.find('-');
  if (dash != time_digits || !name.ends_with(ending) || name.size() <= dash + 1 + ending.size()) return false;
  const std::string_view number = name.substr(dash + 1, name.size() - dash - 1 - ending.size());
  return name.substr(0, dash).find_first_not_of("0123456789") == std::string_view::npos &&
         number.find_first_not_of("0123456789") == std::string_view::npos;
}

struct Names {
  std::vector<std::string> entries;    // oldest first
  std::vector<std::string> leftovers;  // of writers that were killed, or that write now
};

Names names_in(int directory) {
  Names names;
  for (std::string &name : names_in_directory(directory, names_max)) {
    const std::string_view text = name;
    const bool is_leftover =
        text.ends_with(half_written) && is_entry_name(text.substr(0, text.size() - half_written.size()));
    if (is_entry_name(text)) {
      names.entries.push_back(std::move(name));
    } else if (is_leftover) {
      names.leftovers.push_back(std::move(name));
    }
  }
  std::sort(names.entries.begin(), names.entries.end());
  std::sort(names.leftovers.begin(), names.leftovers.end());
  return names;
}

// All but the youngest spool_files_max. Gives how many files went.
std::size_t remove_oldest(int directory, std::vector<std::string> &names) {
  if (names.size() <= spool_files_max) return 0;
  const std::size_t excess = names.size() - spool_files_max;
  for (std::size_t i = 0; i < excess; ++i) ::unlinkat(directory, names[i].c_str(), 0);  // guard: spool-bound
  names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(excess));
  return excess;
}

}  // namespace

Status add_to_spool(const std::string &path, const SpoolEntry &entry) {
  const Result<UniqueFd> directory = open_trusted_directory(path, ErrorCode::config, DirectoryTrust::all_trusted);
  if (!directory) return tl::make_unexpected(directory.error());
  const std::string name = name_of(entry);
  const int reason = replace_file(directory->get(), name, name + std::string(half_written), spool_text(entry), 0600);
  if (reason != 0) {
    return fail(ErrorCode::internal, path, "cannot be written to: " + std::generic_category().message(reason));
  }
  Names names = names_in(directory->get());
  remove_oldest(directory->get(), names.entries);
  remove_oldest(directory->get(), names.leftovers);
  return {};
}

Result<EventSpool> EventSpool::open(const std::string &path) {
  Result<UniqueFd> directory = open_trusted_directory(path, ErrorCode::config, DirectoryTrust::all_trusted);
  if (!directory) return tl::make_unexpected(directory.error());
  if (::fchmod(directory->get(), 0700) != 0) {
    return fail(ErrorCode::config, path, "cannot be made root's alone: " + std::generic_category().message(errno),
                "give it to the user who runs this");
  }
  return EventSpool(std::move(*directory), path);
}

std::vector<std::string> EventSpool::files(std::size_t &dropped) const {
  Names names = names_in(directory_.get());
  remove_oldest(directory_.get(), names.leftovers);
  dropped += remove_oldest(directory_.get(), names.entries);
  return std::move(names.entries);
}

Result<SpoolEntry> EventSpool::read(const std::string &name) const {
  const std::string where = path_ + '/' + name;
  constexpr int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;  // guard: spool-no-follow
  const UniqueFd fd(::openat(directory_.get(), name.c_str(), flags));
  if (!fd && errno == ENOENT) return fail(ErrorCode::internal, where, "is gone");
  if (!fd || !is_file_of_ours(fd.get())) {
    return fail(ErrorCode::config, where, "is not a regular file of root's own");
  }
  const Result<std::string> text = read_all(fd.get(), spool_entry_bytes_max, ErrorCode::config, where);
  if (!text) return tl::make_unexpected(text.error());
  std::optional<SpoolEntry> entry = parse_spool_text(*text);
  if (!entry) return fail(ErrorCode::config, where, "is not an entry as regcred writes it");
  return std::move(*entry);
}

bool EventSpool::remove(const std::string &name) const {
  return ::unlinkat(directory_.get(), name.c_str(), 0) == 0 || errno == ENOENT;
}

}  // namespace regcred::core
