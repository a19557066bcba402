// SPDX-License-Identifier: Apache-2.0
// What a call of a backend depends on, as keys of the node's memory (cache/).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dispatch/backend_job.hpp"
#include "dispatch/runner.hpp"

namespace regcred::core {

// Two keys of one call: an answer is stored under the one that its scope allows.
struct CallKeys {
  std::string registry;  // every image of the host; empty when another entry could answer one of them
  std::string image;
};

// The keys of `job`: over everything that the parent hands to the worker, its backend's file, the files that its
// settings name, and the pod: issuer, service account with UID, audiences; the token too, when the entry keeps answers
// for each token, or the token does not name all of these. Empty when the node may keep no answer of this call: the
// entry does not want it, its backend is `static`, whose files are as close as the cache's, the backend's file cannot
// be opened, or the token is not alive by this node's clock: the registry must judge it.
[[nodiscard]] std::optional<CallKeys> cache_keys(const BackendJob &job, const RunnerContext &context);

// Who asks, as far as it decides which hosts are asked: the entry, the image's registry, the annotations. Not the pod:
// a host that throttles counts all of them.
[[nodiscard]] std::string throttle_caller(const BackendJob &job, const RunnerContext &context);

// Whether a token with these claims is alive at `unix_seconds`; not when it does not say until when.
[[nodiscard]] bool is_alive(const std::optional<TokenClaims> &claims, std::int64_t unix_seconds);

}  // namespace regcred::core
