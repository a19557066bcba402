// SPDX-License-Identifier: Apache-2.0
// Counts over all requests of a node, and the text in which Prometheus reads them. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "record/request_record.hpp"

namespace regcred::core {

// Upper bounds of the duration's buckets: below 10 ms no network was asked, 45 s is the default deadline.
struct DurationBucket {
  std::string_view le;  // in seconds, as Prometheus shows it
  std::int64_t milliseconds;
};
inline constexpr std::array<DurationBucket, 13> duration_buckets = {{{"0.005", 5},
                                                                     {"0.01", 10},
                                                                     {"0.025", 25},
                                                                     {"0.05", 50},
                                                                     {"0.1", 100},
                                                                     {"0.25", 250},
                                                                     {"0.5", 500},
                                                                     {"1", 1000},
                                                                     {"2.5", 2500},
                                                                     {"5", 5000},
                                                                     {"10", 10'000},
                                                                     {"20", 20'000},
                                                                     {"45", 45'000}}};

// The counts of one registry entry.
struct RegistryMetrics {
  std::map<std::string, std::uint64_t> outcomes;                 // outcome to requests
  std::array<std::uint64_t, duration_buckets.size()> at_most{};  // requests that took at most this long: cumulative
  std::map<std::string, std::uint64_t> cache;                    // what the node's memory did to requests; "corrupt"
  std::uint64_t requests = 0;                                    // the last bucket, +Inf
  std::uint64_t milliseconds = 0;                                // of all requests together
  std::uint64_t answer_bytes = 0;
};

struct Metrics {
  std::string version;                                // of the regcred that counted last
  std::map<std::string, RegistryMetrics> registries;  // by name; "": requests that no entry answers
  std::uint64_t lost = 0;                             // requests that could not be counted
};

// Counts one request that conclude() has completed, and sets the version to this program's.
void count_request(Metrics &metrics, const RequestRecord &record);

// Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/): regcred_build_info,
// regcred_requests_total, regcred_request_duration_seconds (histogram), regcred_answer_bytes_total,
// regcred_cache_requests_total (once the node's memory was used), regcred_requests_lost_total; each with HELP and TYPE,
// in byte order of the labels.
[[nodiscard]] std::string render_metrics(const Metrics &metrics);

// The lines HELP and TYPE of one metric, which stand before its samples.
void append_head(std::string &text, std::string_view name, std::string_view type, std::string_view help);

// The reverse of render_metrics. Empty for every text that render_metrics does not write: damaged, of another program,
// or of a version with another format. The text is hostile until it has passed this.
[[nodiscard]] std::optional<Metrics> parse_metrics(std::string_view text);

}  // namespace regcred::core
