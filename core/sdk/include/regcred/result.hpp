// SPDX-License-Identifier: Apache-2.0
// Failures are values: a closed set of codes that decides what the host does, and a text for the operator.
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace regcred {

// The codes of abi.h under names. The host acts on the code alone.
enum class Code : std::int32_t {
  no_credentials = REGCRED_NO_CREDENTIALS,  // nothing for this image; the host tries its next matching entry
  bad_config = REGCRED_BAD_CONFIG,          // a setting is missing, unknown or wrong; name the key
  bad_request = REGCRED_BAD_REQUEST,        // image, annotation or token unusable; name which
  denied = REGCRED_DENIED,                  // the registry refused this identity
  unavailable = REGCRED_UNAVAILABLE,        // the registry is not reachable or failing
  throttled = REGCRED_THROTTLED,            // the registry asked us to wait
  timeout = REGCRED_TIMEOUT,                // the deadline of this request is over
  bad_upstream = REGCRED_BAD_UPSTREAM,      // the registry answered something undocumented
  internal = REGCRED_INTERNAL,              // a fault of the backend itself
};

// Why there is no value. `text` is one line for the operator who sees nothing else: what was wrong, where to look.
// Never a token, a password or an HTTP body. The host puts `registry "x" (backend y): ` in front and keeps 512 bytes.
struct Failure {
  Code code;
  std::string text;
  std::optional<std::chrono::seconds> retry_after = std::nullopt;  // throttled: how long to wait, when known
};

template <class T>
using Result = tl::expected<T, Failure>;

[[nodiscard]] inline tl::unexpected<Failure> failure(Code code, std::string text) {
  return tl::make_unexpected(Failure{code, std::move(text), std::nullopt});
}

}  // namespace regcred
