// SPDX-License-Identifier: Apache-2.0
// The metrics file of a node: read, changed and replaced by processes that run at the same time.
#pragma once

#include <string>

#include "common/result.hpp"
#include "record/request_record.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

inline constexpr std::int64_t metrics_lock_ms_max = 200;          // more would delay the pod
inline constexpr std::uint64_t metrics_lost_max = 1U << 20U;      // bytes of the lock file, one for each lost request
inline constexpr std::size_t metrics_file_bytes_max = 1U << 20U;  // some 700 registry entries

// Counts `record` (concluded) in the file at `path`, absolute and ending in .prom, for node_exporter's textfile
// collector. Under an exclusive lock on PATH.lock beside it, the file is read, counted up, written to PATH.tmp with
// mode 0644 and renamed: a reader sees one complete state or the next. None of the three may be a symlink. A file that
// is damaged, too large, or may have been written by somebody else is replaced, and counts from zero.
//
// Fails, and the record is not counted:
//  - with ErrorCode::config when the directory does not pass open_trusted_directory,
//  - with ErrorCode::internal when the lock is not free within `lock_ms_max`: a byte more in PATH.lock then stands for
//    it, and who counts next says so in regcred_requests_lost_total, when a file cannot be written, and when
//    the text would exceed metrics_file_bytes_max.
[[nodiscard]] Status add_to_metrics_file(const std::string &path, const RequestRecord &record, Clock &clock,
                                         std::int64_t lock_ms_max = metrics_lock_ms_max);

}  // namespace regcred::core
