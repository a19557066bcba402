// What a worker says, and the bytes in which it says it. The parent treats them as hostile input.
#pragma once

#include <regcred/abi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/request.hpp"
#include "common/result.hpp"

namespace regcred::core {

// The outcome of one call of one backend.
struct WorkerResult {
  std::int32_t code = REGCRED_INTERNAL;   // REGCRED_*, as the backend returned it: may be any number
  std::string text;                       // from sink->fail, at most limits::backend_text_bytes_max
  std::int64_t retry_after_seconds = -1;  // -1: unknown
  std::int32_t scope = REGCRED_SCOPE_IMAGE;
  std::int64_t lifetime_seconds = REGCRED_LIFETIME_UNKNOWN;
  std::vector<AuthEntry> auth;
  // Set when the core's own code in the worker failed before the backend could speak; then nothing else counts.
  std::optional<Error> core_error;
};

// `result` as bytes: a version byte, then little-endian integers and length-prefixed strings in a fixed order. The
// buffer holds the passwords and is wiped with the Secret.
[[nodiscard]] Secret encode_worker_result(const WorkerResult &result);

// The reverse. Empty for anything that encode_worker_result does not write: wrong version, truncated, left-over bytes,
// lengths or counts beyond common/limits.hpp, an unknown error code.
[[nodiscard]] std::optional<WorkerResult> decode_worker_result(std::string_view bytes);

}  // namespace regcred::core
