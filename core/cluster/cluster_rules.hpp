// SPDX-License-Identifier: Apache-2.0
// Compares the kubelet's configuration with ours: does the kubelet ask for the images that we answer, and send what the
// entries need?
#pragma once

#include <vector>

#include "cluster/provider_config.hpp"
#include "common/finding.hpp"
#include "config/inspection.hpp"
#include "dispatch/survey.hpp"

namespace regcred::core {

// Rules:
//   no-regcred-provider   no provider of the kubelet runs regcred: error
//   image-not-asked       a pattern of ours that no provider's patterns reach: warning
//   image-not-answered    a provider's pattern that none of ours reaches, so that each such pull costs a failed call
//                         (exit 4): error; one that ours reach in part only: warning
//   audience-differs      a provider sends tokens for another audience than the entry takes: error
//   token-not-sent        the entry needs a token, the provider sends none: error
// Both are warnings where another provider is called for the same images with what the entry takes, so that the one
// call fails and the pull goes on; nothing is reported where an earlier entry answers these images anyway.
//   token-not-used        the provider sends tokens, and no entry that it can reach takes one: warning
//   cache-type-token      the entry's password is the pod's own token, and cacheType is not Token: error
//   cache-type-node       the entry has cache.node: serviceAccount, so that pods of one account share an answer, and
//                         cacheType Token asks to keep them apart: error
//   annotation-not-sent   the entry reads an annotation that the provider does not pass on: note
// Both configurations have been read without an error.
[[nodiscard]] std::vector<Finding> check_cluster(const Inspection &inspection,
                                                 const std::vector<SurveyedBackend> &backends,
                                                 const ProviderConfig &kubelet);

}  // namespace regcred::core
