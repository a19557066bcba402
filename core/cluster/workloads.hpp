// SPDX-License-Identifier: Apache-2.0
// What runs in a cluster, as far as image credentials depend on it. Read from what
// `kubectl get pods,serviceaccounts -A -o json` prints.
//
// Sources, in Kubernetes: pkg/kubelet/types/pod_update.go (static and mirror pods), the admission plugin
// plugin/pkg/admission/serviceaccount (a pod without imagePullSecrets gets those of its account when it is made),
// pkg/kubelet/kuberuntime (which images a pod has pulled).
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"

namespace regcred::core {

// What all pods of one kind have in common beside their images.
struct PodIdentity {
  std::string name_space;
  std::string service_account;  // empty: none, as for static pods
  bool is_static = false;
  std::vector<std::string> pull_secrets;  // of the pod, cut: the kubelet uses no others
  // The 0 that this compares with is the compiler's.
  auto operator<=>(const PodIdentity &) const = default;  // NOLINT(modernize-use-nullptr)
};

// How often pods of one kind use an image.
struct ImageUse {
  std::size_t pods = 0;
  std::string first_pod;  // the name of one of them
};

struct ServiceAccount {
  std::map<std::string, std::string> annotations;  // only those that were asked for, printable and cut
  std::vector<std::string> pull_secrets;
};

struct Workloads {
  // By image in the kubelet's form; what is not the name of an image is kept as it was written.
  std::map<PodIdentity, std::map<std::string, ImageUse>> uses;
  std::map<std::pair<std::string, std::string>, ServiceAccount> accounts;  // by namespace and name
  std::size_t pods = 0;
  std::size_t static_pods = 0;
  std::size_t secrets = 0;  // objects that were passed over
  std::size_t others = 0;
};

// Limits of what is read, for the tests to make smaller.
struct WorkloadLimits {
  std::size_t bytes_max = std::size_t{1} << 30U;  // 100,000 pods
  std::size_t uses_max = 1'000'000;               // images by PodIdentity, and accounts
};

// Reads JSON from `fd` to its end: a List, a PodList, an array, single objects, or several of these one after the
// other. Only what Workloads holds is kept in memory, one object at a time; of secrets nothing is. `annotation_keys`
// are the annotations of service accounts to keep. Fails with ErrorCode::usage, `where` naming the input, on what is
// not such JSON, is beyond the limits, or has no pods with service accounts beside them.
[[nodiscard]] Result<Workloads> read_workloads(int fd, const std::string &where,
                                               const std::set<std::string> &annotation_keys,
                                               const WorkloadLimits &limits = {});

}  // namespace regcred::core
