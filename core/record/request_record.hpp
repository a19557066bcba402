// SPDX-License-Identifier: Apache-2.0
// Facts about one request of the kubelet, never a secret.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/registry_config.hpp"
#include "common/request.hpp"
#include "common/result.hpp"

namespace regcred::core {

// One request. Texts are unchanged input; they are made printable and bounded where they are written.
struct RequestRecord {
  RecordConfig destinations;
  std::string image;                           // as the kubelet asked
  std::string registry;                        // name of the entry that answered or failed; empty: none was asked
  std::string backend;                         // of that entry
  std::string service_account;                 // NAMESPACE/NAME that the token claims
  PodName pod;                                 // that the token is bound to
  std::optional<CacheKeyType> cache_key_type;  // of an answer
  std::optional<std::chrono::seconds> cache_duration;  // of an answer; absent: the kubelet's default
  std::string cache;                                   // what the node cache did: "hit"; empty: it was not used
  std::optional<std::chrono::seconds> cache_age;       // of an answer out of the node cache
  bool cache_corrupt = false;                          // it had an entry that could not be read
  bool with_credentials = false;                       // false: the answer says to pull without
  std::string reason;                                  // why, in the backend's words; may be empty
  std::size_t answer_bytes = 0;                        // written to the kubelet

  // Set by conclude():
  std::string outcome;  // "ok", "no_credentials", or the name of an ErrorCode
  std::string error;    // the line on standard error, without "regcred: " and newline; empty when there was none
  int exit_status = 0;
  std::int64_t milliseconds = 0;  // from the start of the process until the answer was written

  // Set by record_request(): why the request is not in the metrics file, or not in the spool, when it should be.
  std::string metrics_error;
  std::string spool_error;
};

// The outcome of an answer that lets the kubelet pull without credentials.
inline constexpr std::string_view no_credentials = "no_credentials";

// The name of `code` in records: its own, as in "no_match".
[[nodiscard]] std::string_view outcome_name(ErrorCode code) noexcept;

// Completes the record once the kubelet has its answer or standard error has its line: `failure` is that error.
void conclude(RequestRecord &record, const std::optional<Error> &failure, std::int64_t milliseconds);

}  // namespace regcred::core
