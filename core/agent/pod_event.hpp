// SPDX-License-Identifier: Apache-2.0
// An Event of Kubernetes about one pod (core/v1, k8s.io/api/core/v1/types.go). Pure.
#pragma once

#include <cstdint>
#include <string>

#include "common/request.hpp"

namespace regcred::core {

inline constexpr const char *event_reason = "RegistryCredentialFailed";
inline constexpr const char *event_component = "regcred";

struct PodEvent {
  PodName pod;
  std::string message;
  std::string name;  // of the Event object
  std::int64_t first_unix_ms = 0;
  std::int64_t last_unix_ms = 0;
  std::uint64_t count = 0;
};

// "app-0.17a5c3f2d4e6b8a0": the pod, and nanoseconds in hexadecimal, as client-go names events.
[[nodiscard]] std::string event_name(const PodName &pod, std::int64_t unix_ns);

// The body of a POST. `node` is the event's host.
[[nodiscard]] std::string event_json(const PodEvent &event, const std::string &node);

// The body of a strategic merge PATCH: what another occurrence changes.
[[nodiscard]] std::string event_patch_json(const PodEvent &event);

}  // namespace regcred::core
