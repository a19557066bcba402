// SPDX-License-Identifier: Apache-2.0
// What a backend decides before a token leaves: which registries it serves, what a service account may choose, and
// whether the pod's token itself may be the password.
#pragma once

#include <optional>
#include <regcred/backend.hpp>
#include <regcred/exchange.hpp>
#include <regcred/result.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace regcred {

// The image's host[:port] in lower case when one of `patterns` matches it. An empty list serves none: without this
// check a matchImages that is too broad would give pods' tokens to every registry. BAD_CONFIG:
//   image host "HOST" is FINDING, so no token is sent for it; CURE
// with a finding like "not in settings.registryHosts".
[[nodiscard]] inline Result<std::string> served_registry(
    const Request &request, const std::vector<HostPattern> &patterns, std::string_view finding,
    std::string_view cure = "add it there if you trust it with pods' tokens, else narrow matchImages");

// The same for Backend::serves_registry, which has a registry's host[:port] and no request.
[[nodiscard]] inline Result<void> require_served(
    std::string_view registry, const std::vector<HostPattern> &patterns, std::string_view finding,
    std::string_view cure = "add it there if you trust it with pods' tokens, else narrow matchImages");

// A value that an annotation of the service account may choose. Whoever may edit service accounts must not widen what
// the operator allows.
struct Choice {
  std::string_view annotation;         // its key
  std::optional<std::string> setting;  // without the annotation, and always allowed
  std::string_view setting_name;       // "settings.robot"
  std::string_view allowed_name;       // "settings.allowedRobots"
};

// The annotation's value when it is `choice.setting` or `allows(value)` is true; the setting when there is no such
// annotation, or an empty one, since templates leave such behind. BAD_REQUEST: not allowed, or neither is there.
template <class Allows>
[[nodiscard]] Result<std::string> choose(const Request &request, const Choice &choice, Allows allows);

// The same where the operator lists what is allowed, value by value.
[[nodiscard]] inline Result<std::string> choose(const Request &request, const Choice &choice,
                                                const std::vector<std::string> &allowed);

// Of several annotations that choose the same: the first of `keys`, texts in order, that has a value; empty when none
// has. choose() then takes it as Choice::annotation.
template <class Keys>
[[nodiscard]] std::string_view first_annotation(const Request &request, const Keys &keys);

// For registries that verify the pod's token themselves.
struct PassThrough {
  std::string username;
  std::vector<HostPattern> registries = {};  // settings.registryHosts; empty: every host that is the token's audience
  std::vector<std::string> audiences = {};  // settings.audiences; empty: the registry's host[:port], or https:// and it
};

// At most 16 audiences of 1 to 256 bytes of printable ASCII without blanks; empty when the key is absent. BAD_CONFIG
// with the value and the cure.
[[nodiscard]] inline Result<std::vector<std::string>> read_audiences(Settings &settings, std::string_view key);

// For Backend::serves_registry of such a backend: BAD_CONFIG when `options.registries` does not name the host.
[[nodiscard]] inline Result<void> require_served(std::string_view registry, const PassThrough &options);

// For Backend::expected_audiences of such a backend: the audiences that pass_through() takes; none for a registry with
// wildcards, unless `options` lists them.
[[nodiscard]] inline ExpectedAudiences expected_audiences(std::string_view registry, const PassThrough &options);

// The pod's token as the password, for the whole registry and never to be cached: it is one pod's. BAD_CONFIG: a host
// that is not served. BAD_REQUEST: no token; one that is expired by this node's clock; one with an audience that is not
// this registry's, since whoever is given a token can use it with each of its audiences. A registry's refusal reaches
// the container runtime only, so the claims to compare are logged at level debug.
[[nodiscard]] inline Result<Credentials> pass_through(const Host &host, const Request &request,
                                                      const PassThrough &options);

}  // namespace regcred

#include <regcred/detail/registry_impl.hpp>
