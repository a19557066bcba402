// SPDX-License-Identifier: Apache-2.0
// The kubelet's version, and what depends on it for credential providers.
//
// Sources: pkg/credentialprovider/plugin/config.go and pkg/features/kube_features.go of Kubernetes 1.26 to 1.37.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace regcred::core {

// Kubernetes 1.`minor`: patch releases change nothing here.
struct KubernetesVersion {
  int minor = 0;
  constexpr bool operator==(const KubernetesVersion &) const = default;
  constexpr bool operator<(const KubernetesVersion &other) const { return minor < other.minor; }
  constexpr bool operator<=(const KubernetesVersion &other) const { return minor <= other.minor; }
};

// The versions for which the rules of this folder are known to be right. Newer versions are treated like the newest
// one.
inline constexpr KubernetesVersion oldest_known_kubernetes{26};
inline constexpr KubernetesVersion newest_known_kubernetes{37};

// "1.34", "v1.34.4", and with what distributions add: "v1.34.4-eks-113cf36", "v1.34.4+k3s1". Fails with
// ErrorCode::usage on anything else and on versions before the oldest known one. Newer ones pass.
[[nodiscard]] Result<KubernetesVersion> parse_kubernetes_version(std::string_view text);

// "1.34".
[[nodiscard]] std::string to_text(KubernetesVersion version);

// ", newer than what is known (1.37): ..." of a newer one, else empty.
[[nodiscard]] std::string newer_words(KubernetesVersion version);

// Versions from `first` to `last`, both included.
struct KubernetesVersions {
  KubernetesVersion first = oldest_known_kubernetes;
  KubernetesVersion last = {9999};

  [[nodiscard]] constexpr bool contains(KubernetesVersion version) const { return first <= version && version <= last; }
};

// "Kubernetes 1.33", "Kubernetes before 1.33", "Kubernetes 1.34 and later".
[[nodiscard]] std::string to_text(const KubernetesVersions &versions);

// The configuration is decoded strictly: an unknown field stops the kubelet (kubernetes#128062). Before, it was
// ignored.
inline constexpr KubernetesVersions strict_decoding{{32}};
// Providers are asked in the order of the configuration (kubernetes#129669). Before, in that of their names.
inline constexpr KubernetesVersions keeps_provider_order{{33}};
// tokenAttributes exist (KEP-4412).
inline constexpr KubernetesVersions token_attributes{{33}};
// They exist, but their feature gate is off by default.
inline constexpr KubernetesVersions token_gate_off{{33}, {33}};
// tokenAttributes.cacheType exists and is required (kubernetes#132617).
inline constexpr KubernetesVersions cache_type{{34}};
// The configuration may be a directory (kubernetes#131658).
inline constexpr KubernetesVersions config_directory{{34}};

}  // namespace regcred::core
