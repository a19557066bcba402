// SPDX-License-Identifier: Apache-2.0
// The spool: a directory in which failed requests wait until `regcred node agent` has posted them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/unique_fd.hpp"
#include "record/spool_entry.hpp"

namespace regcred::core {

inline constexpr std::size_t spool_files_max = 1000;

// Adds one file to the spool at `path` (absolute), mode 0600, complete or not at all. Of more than spool_files_max
// files the oldest are removed. Its cost does not depend on what lies there beyond that. Fails with ErrorCode::config
// when the directory is missing or does not pass open_trusted_directory, and with ErrorCode::internal when the file
// cannot be written.
[[nodiscard]] Status add_to_spool(const std::string &path, const SpoolEntry &entry);

// The reader's side: one per spool.
class EventSpool {
 public:
  // Opens the directory, and takes it away from everybody but its owner (mode 0700). Fails as above.
  [[nodiscard]] static Result<EventSpool> open(const std::string &path);

  // The files in it, oldest first; at most spool_files_max, the older ones are removed. `dropped` counts those.
  [[nodiscard]] std::vector<std::string> files(std::size_t &dropped) const;

  // One of these files. Fails with ErrorCode::config when it is not a regular file of ours, or not as spool_text()
  // writes it; no error quotes it. With ErrorCode::internal when it is gone. Never waits.
  [[nodiscard]] Result<SpoolEntry> read(const std::string &name) const;

  // False when it is still there.
  [[nodiscard]] bool remove(const std::string &name) const;

  [[nodiscard]] const std::string &path() const noexcept { return path_; }

 private:
  EventSpool(UniqueFd directory, std::string path) : directory_(std::move(directory)), path_(std::move(path)) {}

  UniqueFd directory_;
  std::string path_;
};

}  // namespace regcred::core
