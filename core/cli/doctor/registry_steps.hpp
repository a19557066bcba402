// SPDX-License-Identifier: Apache-2.0
// Steps about the registry: does it accept the credential, and may the credential read the image's manifest? The steps
// are those of a container runtime (distribution specification, token authentication).
//
// The registry says where the password is checked (its realm). That may be another host of its own domain, or one that
// the operator allows (foreign_hosts.hpp): the operator is informed before the password goes there, it must use https,
// and no redirect is followed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/doctor/foreign_hosts.hpp"
#include "cli/doctor/network.hpp"
#include "cli/doctor/report.hpp"
#include "common/request.hpp"

namespace regcred::core {

inline const std::vector<std::string> registry_steps = {"registry-challenge", "registry-login", "registry-pull"};

// The image, in the terms of the registry's API.
struct RegistryTarget {
  std::string host;        // docker.io is registry-1.docker.io here
  std::string repository;  // "library/nginx"
  std::string reference;   // tag or digest
  bool reference_given = false;
};

// `typed` is the image as a person typed it, `normalised` what normalise_image made of it.
[[nodiscard]] RegistryTarget registry_target(const std::string &typed, const std::string &normalised);

// The credential of `answer` for this image: that with the longest registry; null when there is none.
[[nodiscard]] const AuthEntry *auth_for(const Answer &answer);

// Where the credential comes from, for the cure of one that is refused.
struct CredentialOrigin {
  enum class Kind { exchange, files, pod_token };
  Kind kind = Kind::exchange;
  std::vector<std::string> files;  // with Kind::files: that were read for it
};

// `announce` is called with one sentence before a password goes to another host than the registry's.
void examine_registry(const RegistryTarget &target, const AuthEntry &auth, DoctorNetwork &network,
                      const std::function<void(const std::string &)> &announce, DoctorReport &report,
                      const CredentialOrigin &origin = {}, const FollowedHosts &followed = {});

}  // namespace regcred::core
