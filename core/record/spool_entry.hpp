// SPDX-License-Identifier: Apache-2.0
// One failed request as a small file in the spool. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record/request_record.hpp"

namespace regcred::core {

inline constexpr std::size_t spool_entry_bytes_max = 8U << 10U;

// What an event of the pod needs. Every text is printable and bounded; none is a secret.
struct SpoolEntry {
  std::int64_t unix_ms = 0;
  PodName pod;                  // known
  std::string service_account;  // NAMESPACE/NAME; may be empty
  std::string image;
  std::string registry;  // name of the entry; empty: none was asked
  std::string outcome;   // of a RequestRecord, but never "ok"
  std::string where;     // of the Error: may name a file of the node
  std::string what;
  std::string cure;
};

// Of a concluded request that has no credentials; `failure` is its error, if it has one.
[[nodiscard]] SpoolEntry spool_entry(const RequestRecord &record, const std::optional<Error> &failure,
                                     std::int64_t unix_ms);

// One JSON object, at most spool_entry_bytes_max bytes.
[[nodiscard]] std::string spool_text(const SpoolEntry &entry);

// The reverse. The text is hostile until it has passed: empty when it is too long, is not one JSON object of exactly
// these keys, or a value is of another type, too long, not printable, or not what its key may have.
[[nodiscard]] std::optional<SpoolEntry> parse_spool_text(std::string_view text);

}  // namespace regcred::core
