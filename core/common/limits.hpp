// SPDX-License-Identifier: Apache-2.0
// Limits on what comes from outside (H5), that several files, the tests or the documents use. A limit that only one
// file needs is defined there, with `_max` at the end of its name.
#pragma once

#include <cstddef>
#include <cstdint>

namespace regcred::core::limits {

// Request. A service account may carry 256 KiB of annotations, so the kubelet's request stays well below this.
inline constexpr std::size_t request_bytes_max = 1U << 20U;
inline constexpr std::size_t json_depth_max = 32;
inline constexpr std::size_t image_bytes_max = 4096;
inline constexpr std::size_t token_bytes_max = 64U << 10U;
inline constexpr std::size_t annotations_max = 1024;

// Configuration. 10,000 registry entries with long settings fit into 16 MiB.
inline constexpr std::size_t config_file_bytes_max = 16U << 20U;
inline constexpr std::size_t yaml_lookahead_bytes_max =
    1U << 20U;  // one text or bracketed value: the parser keeps all of it
inline constexpr std::size_t config_files_max = 256;
inline constexpr std::size_t match_images_max = 4096;  // of one entry
inline constexpr std::size_t yaml_depth_max = 32;
inline constexpr std::size_t yaml_nodes_max = 2'000'000;
inline constexpr std::size_t yaml_aliases_max = 256;  // and what they stand for counts as nodes each time

// Worker and backend.
inline constexpr std::size_t worker_result_bytes_max = 2U << 20U;
inline constexpr std::size_t auth_entries_max = 16;
inline constexpr std::size_t username_bytes_max = 4096;
inline constexpr std::size_t password_bytes_max = 64U << 10U;
inline constexpr std::size_t backend_text_bytes_max = 512;
inline constexpr std::size_t expected_audiences_max = 16;
inline constexpr std::size_t expected_audience_bytes_max = 256;
inline constexpr std::size_t backend_file_bytes_max = 256U << 20U;
inline constexpr std::size_t secret_file_bytes_max = 64U << 10U;
inline constexpr std::int64_t lifetime_seconds_max = 366LL * 24 * 3600;

// Node cache.
inline constexpr std::uint32_t cache_entries_max = 65'536;
inline constexpr std::size_t cache_entry_bytes_max = 64U << 10U;
inline constexpr std::size_t cache_bytes_max = 16U << 20U;  // of all entries together
inline constexpr std::int64_t cache_wait_max_ms = 30'000;
inline constexpr std::size_t authority_bytes_max = 300;  // https://host:port

// HTTP.
inline constexpr std::size_t http_body_bytes_max = 1U << 20U;
inline constexpr std::size_t http_headers_bytes_max = 64U << 10U;

// What an operator sees.
inline constexpr std::size_t error_line_bytes_max = 1024;  // with the newline
inline constexpr std::size_t log_line_bytes_max = 1024;

// One request. The kubelet kills its plugin after 60 s, hard coded (pkg/credentialprovider/plugin/plugin.go).
inline constexpr std::int64_t deadline_default_ms = 45'000;
inline constexpr std::int64_t deadline_max_ms = 55'000;

}  // namespace regcred::core::limits
