// SPDX-License-Identifier: Apache-2.0
// Providers of the kubelet's configuration that run other programs than regcred: their vendors, and for which images
// the kubelet calls both. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cluster/provider_config.hpp"
#include "common/finding.hpp"

namespace regcred::core {

// "Amazon ECR", "Azure ACR with identity bindings", "Google Artifact Registry": by the name of the vendor's program and
// its arguments. Empty for all others.
[[nodiscard]] std::string_view vendor_of(const KubeletProvider &provider);

// "ecr-credential-provider (Amazon ECR)", "regcred".
[[nodiscard]] std::string provider_words(const KubeletProvider &provider);

// Rule:
//   provider-overlap   a provider that runs regcred and another one are asked for the same images. The kubelet asks
//   both
//                      and tries all credentials, so this says whose come first: note
// Which is first follows from the kubelet's keyring (pkg/credentialprovider/keyring.go): the answers' image texts in
// reverse byte order; where these are equal, the providers' order, which is that of their names before 1.33.
[[nodiscard]] std::vector<Finding> check_other_providers(const ProviderConfig &kubelet, KubernetesVersion version);

}  // namespace regcred::core
