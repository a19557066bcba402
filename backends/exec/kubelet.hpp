// SPDX-License-Identifier: Apache-2.0
// The kubelet's credential provider protocol, with this backend in the kubelet's place.
#pragma once

#include <optional>
#include <regcred/backend.hpp>
#include <regcred/process.hpp>
#include <string_view>

#include "options.hpp"

namespace exec_backend {

// What a provider reads: one line of JSON and a newline. Token and annotations exist in v1 only.
[[nodiscard]] regcred::Secret provider_request(const Options &options, const regcred::Request &request);

// The credentials for the image in a provider's answer, as the kubelet would take them: one strict document of the
// asked version; of its `auth` the keys that match the image, in the keyring's order, each for a place of the asked
// registry, at most 16. The lifetime is the provider's cacheDuration, unchanged. `no_credentials` when no key matches.
// BAD_UPSTREAM for an answer that the kubelet would drop, UNAVAILABLE for a run that failed. No text quotes the output.
[[nodiscard]] regcred::Result<regcred::Credentials> read_provider(const Options &options,
                                                                  const regcred::Request &request,
                                                                  const regcred::ProgramResult &end);

// A duration as Go's time.ParseDuration reads it, in whole seconds towards zero; nullopt when that refuses it.
[[nodiscard]] std::optional<std::chrono::seconds> go_duration(std::string_view text);

}  // namespace exec_backend
