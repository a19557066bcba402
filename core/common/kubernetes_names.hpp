// SPDX-License-Identifier: Apache-2.0
// Names of Kubernetes: what it takes as names of objects (k8s.io/apimachinery/pkg/util/validation), and its APIs.
#pragma once

#include <string_view>

namespace regcred::core {

// The kubelet's protocol for credential providers, newest version first (staging/src/k8s.io/kubelet/pkg/apis).
inline constexpr std::string_view credential_provider_v1 = "credentialprovider.kubelet.k8s.io/v1";
inline constexpr std::string_view credential_provider_versions[] = {
    credential_provider_v1, "credentialprovider.kubelet.k8s.io/v1beta1", "credentialprovider.kubelet.k8s.io/v1alpha1"};

// RFC 1123 label: lower-case letters, digits and inner '-', at most 63. The name of a namespace.
[[nodiscard]] bool is_dns_label(std::string_view text) noexcept;

// Such labels with dots between them, at most 253. The name of a ServiceAccount.
[[nodiscard]] bool is_dns_subdomain(std::string_view text) noexcept;

// The UID of an object: a UUID of the API server, of which only letters, digits, '-' and at most 64 bytes count here.
[[nodiscard]] bool is_uid(std::string_view text) noexcept;

// A key of an annotation: letters, digits and inner '-', '_', '.', at most 63, with an optional DNS subdomain and '/'
// in front. Letter case does not matter, as in the kubelet's check of its key lists.
[[nodiscard]] bool is_annotation_key(std::string_view text);

// Whether Kubernetes keeps the key's prefix for itself and its tools: kubernetes.io, k8s.io, and what is below them
// (kubernetes.io/docs/concepts/overview/working-with-objects/annotations). kubectl apply writes such a key.
[[nodiscard]] bool is_kubernetes_annotation(std::string_view key) noexcept;

}  // namespace regcred::core
