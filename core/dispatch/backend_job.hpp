// SPDX-License-Identifier: Apache-2.0
// One call of one backend: the data that goes into a worker.
#pragma once

#include <string>
#include <vector>

#include "common/registry_config.hpp"
#include "common/request.hpp"
#include "services/http/throttle_watch.hpp"

namespace regcred::core {

// Refers to its parts; they outlive it.
struct BackendJob {
  const RegistryEntry &entry;
  const Route &route;
  const Request &request;
  const std::vector<HeldAuthority> *held = nullptr;  // not asked by the worker (throttle_watch.hpp); null: none
};

// How messages name an entry: `registry "x" (backend y)`.
[[nodiscard]] inline std::string entry_label(const RegistryEntry &entry) {
  return "registry \"" + entry.name + "\" (backend " + entry.backend + ")";
}

// What stands before the image's path when the backend is asked: the entry's credentialHost, or the image's own host.
[[nodiscard]] inline std::string asked_prefix(const RegistryEntry &entry, const ImageReference &image) {
  return entry.credential_host.empty() ? std::string(image.registry()) : entry.credential_host;
}

}  // namespace regcred::core
