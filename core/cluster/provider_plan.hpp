// SPDX-License-Identifier: Apache-2.0
// Which providers the kubelet needs, so that every registry entry gets what it needs. START HERE for `generate`:
// kubelet-config, rbac and install-links write this plan.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/kubernetes_version.hpp"
#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "dispatch/survey.hpp"

namespace regcred::core {

// The kubelet's cache key for a credential (KEP-4412): `service_account` serves all pods of one account on a node,
// `token` one pod until its token is renewed.
enum class CacheType { service_account, token };

struct PlannedToken {
  std::string audience;
  CacheType cache_type = CacheType::service_account;
  bool require_service_account = true;       // static pods, which have none, do not lead to a call
  std::vector<std::string> annotation_keys;  // sent when the service account has them
};

// A pattern, and the first entry that has it.
struct PlannedPattern {
  std::string pattern;
  const RegistryEntry *entry = nullptr;
};

// One provider. Patterns and keys stand once each, in the order of the entries.
struct PlannedProvider {
  std::string name;  // "regcred", "regcred-AUDIENCE": a file name
  std::vector<const RegistryEntry *> entries;
  std::vector<PlannedPattern> patterns;
  std::optional<PlannedToken> token;
};

// An entry that no provider serves, and why.
struct LeftOutEntry {
  const RegistryEntry *entry = nullptr;
  Error reason;
};

// The audience for an entry that names none: what its backend expects.
struct AssumedAudience {
  const RegistryEntry *entry = nullptr;
  std::string audience;
};

// Points into the Config that it was made from.
struct ProviderPlan {
  std::vector<PlannedProvider> providers;
  std::vector<LeftOutEntry> left_out;
  std::vector<const RegistryEntry *> without_audience{};  // may use a token, and get none for lack of an audience
  std::vector<AssumedAudience> assumed{};                 // of entries that name none
};

// One provider for each audience, cache type and answer to "is a service account required", and one for all entries
// without a token; in the order of their first entries. The first is `regcred`, so that one registry needs one file,
// or drop-in mode's name when that is the name of this program, `program_name`; the others have the audience in their
// names ("regcred-no-token" without one), and a number where that is not enough.
//
// An entry that names no audience gets the one of `expected`, in the order of config.registries, which its backend
// expects (expected_audiences() of dispatch/survey.hpp; empty: none).
//
// Left out are entries that need a token where the kubelet sends none (before 1.33) or that have no audience
// (ErrorCode::config), and those whose backend cannot be used (ErrorCode::backend_load). Where only an optional token
// is impossible, the entry stays and gets no token.
[[nodiscard]] ProviderPlan plan_providers(const Config &config, const std::vector<SurveyedBackend> &backends,
                                          KubernetesVersion version, std::string_view program_name = {},
                                          const std::vector<std::string> &expected = {});

// The left-out entries as one Error that names them all.
[[nodiscard]] std::optional<Error> left_out_error(const ProviderPlan &plan);

// The backend of `entry`, or null when it was not surveyed or cannot be used.
[[nodiscard]] const SurveyedBackend *find_backend(const std::vector<SurveyedBackend> &backends,
                                                  const RegistryEntry &entry);

}  // namespace regcred::core
