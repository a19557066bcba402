// SPDX-License-Identifier: Apache-2.0
// Reads the claims of a JSON Web Token (RFC 7519) WITHOUT verifying its signature.
//
// A backend is not the relying party: the registry verifies the token. The claims serve three ends only: when does the
// token expire, does its audience fit, and what can an operator be shown (issuer, subject, audience: never the token).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace regcred {

// Claims as they stand in the token (RFC 7519, section 4.1), unverified: show them by shown() of text.hpp only. A claim
// of a wrong type counts as absent. Times are seconds since 1970-01-01T00:00:00Z, a fraction cut, up to the year 9999.
struct UnverifiedClaims {
  std::string issuer;                      // iss, empty when absent
  std::string subject;                     // sub, empty when absent; system:serviceaccount:NAMESPACE:NAME for a pod
  std::vector<std::string> audiences;      // aud: a string or an array (Kubernetes always sends an array)
  std::optional<std::int64_t> expires_at;  // exp
  std::optional<std::int64_t> issued_at;   // iat
  std::optional<std::int64_t> not_before;  // nbf
  nlohmann::json all;                      // the whole claims object

  // Whether aud names `audience`, compared byte for byte as RFC 7519, section 4.1.3 has it.
  [[nodiscard]] bool has_audience(std::string_view audience) const;
};

// The claims of a compact JWS (RFC 7515, section 7.1): three parts with dots between them, the second base64url without
// padding of a JSON object that nests at most 32 containers. nullopt for everything else, and for more than 64 KiB.
// The first and third part are not looked at.
[[nodiscard]] inline std::optional<UnverifiedClaims> read_unverified_claims(std::string_view token);

// Whether `issuer` is the address of a cluster's own API server, which only that cluster resolves, so that a registry
// elsewhere cannot read its keys: kubernetes.default.svc in any cluster domain, *.svc, *.cluster.local, and
// kubernetes/serviceaccount, the issuer of Kubernetes' legacy tokens. kube-apiserver's --service-account-issuer sets
// it.
[[nodiscard]] inline bool is_cluster_issuer(std::string_view issuer);

}  // namespace regcred

#include <regcred/detail/jwt_impl.hpp>
