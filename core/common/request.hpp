// SPDX-License-Identifier: Apache-2.0
// Request and Answer: the first and the last data type of the picture in core/README.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <regcred/secret.hpp>
#include <string>
#include <vector>

#include "common/image_reference.hpp"

namespace regcred::core {

// The pod that a token is bound to. All three are there and valid as Kubernetes' names, or all are empty.
struct PodName {
  std::string name_space;
  std::string name;
  std::string uid;

  [[nodiscard]] bool is_known() const noexcept { return !uid.empty(); }
};

// What a token claims, unverified, as far as the core uses it.
struct TokenClaims {
  std::vector<std::string> audiences;
  std::string service_account;                            // NAMESPACE/NAME; empty when it names none
  std::string service_account_uid = {};                   // of that account; empty when it names none
  std::string issuer = {};                                // iss
  std::optional<std::int64_t> expires_at = std::nullopt;  // exp, unix seconds
  std::optional<std::int64_t> not_before = std::nullopt;  // nbf
  PodName pod = {};
};

// What the kubelet asks (credentialprovider.kubelet.k8s.io, CredentialProviderRequest).
struct Request {
  std::string api_version;       // credentialprovider.kubelet.k8s.io/v1 | v1beta1 | v1alpha1
  ImageReference image{""};      // normalised, without tag and digest: docker.io/library/nginx
  Secret service_account_token;  // empty when the kubelet sent none
  std::map<std::string, std::string> annotations;
  std::optional<TokenClaims> token_claims;  // of that token; empty when it cannot be read
};

// For which images the kubelet may reuse an answer. `Global` exists in the kubelet's protocol and is never used: it
// would give one registry's credential to every image of the provider.
enum class CacheKeyType { image, registry };

struct AuthEntry {
  std::string registry;  // host[:port] or host[:port]/path
  std::string username;
  Secret password;
  bool username_is_secret = false;  // it holds the pod's token, a password, or what a secret file holds
};

// What the kubelet gets (CredentialProviderResponse). No entries means: pull without credentials.
struct Answer {
  std::string api_version;  // the request's
  CacheKeyType cache_key_type = CacheKeyType::image;
  std::optional<std::chrono::seconds> cache_duration;  // absent: the operator's defaultCacheDuration applies
  std::vector<AuthEntry> auth;
};

}  // namespace regcred::core
