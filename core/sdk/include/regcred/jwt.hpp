// SPDX-License-Identifier: Apache-2.0
// Reads the claims of a JSON Web Token (RFC 7519) WITHOUT verifying its signature.
//
// A backend is not the relying party: the registry verifies the token. The claims serve three ends only: when does it
// expire, does its audience fit, and what can be told to the operator (issuer, subject, audience: never the token).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/base64.hpp>
#include <regcred/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace regcred {

// Claims as they stand in the token, unverified; hostile text until checked.
struct UnverifiedClaims {
  std::string issuer;                      // iss, empty when absent
  std::string subject;                     // sub, empty when absent
  std::vector<std::string> audiences;      // aud: a string or an array (Kubernetes always sends an array)
  std::optional<std::int64_t> expires_at;  // exp, seconds since 1970-01-01 UTC
  std::optional<std::int64_t> issued_at;   // iat
  std::optional<std::int64_t> not_before;  // nbf
  nlohmann::json all;                      // the whole claims object

  [[nodiscard]] bool has_audience(std::string_view audience) const {
    for (const std::string &item : audiences) {
      if (item == audience) return true;
    }
    return false;
  }
};

namespace detail {

// NumericDate (RFC 7519, section 2): seconds, a fraction allowed; empty when absent, no number, or beyond year 9999.
[[nodiscard]] inline std::optional<std::int64_t> numeric_date(const nlohmann::json &claims, const char *name) {
  constexpr double year_9999 = 253402300799.0;
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  if (!(value >= 0 && value <= year_9999)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

}  // namespace detail

// Whether an issuer's address is one that is known inside its cluster only, so that nobody elsewhere can read its keys:
// kubernetes.default.svc in any cluster domain, *.svc, *.cluster.local, and Kubernetes' old kubernetes/serviceaccount.
[[nodiscard]] inline bool is_cluster_issuer(std::string_view issuer) {
  constexpr std::string_view scheme = "https://";
  std::string_view host = issuer.substr(issuer.starts_with(scheme) ? scheme.size() : 0);
  host = host.substr(0, host.find('/'));
  host = host.substr(0, host.find(':'));
  return host == "kubernetes" || host == "kubernetes.default" || host.starts_with("kubernetes.default.svc.") ||
         host.ends_with(".svc") || host.ends_with(".cluster.local");
}

// The claims of a compact JWS: three base64url parts, the second a JSON object. Empty when `token` is not one; at most
// 64 KiB are looked at. Nothing is verified.
[[nodiscard]] inline std::optional<UnverifiedClaims> read_unverified_claims(std::string_view token) {
  if (token.size() > 64U * 1024U) return std::nullopt;
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  const std::optional<std::string> payload = base64url_decode(token.substr(first + 1, second - first - 1));
  if (!payload) return std::nullopt;
  std::optional<nlohmann::json> json = parse_json_object(*payload);
  if (!json) return std::nullopt;

  UnverifiedClaims claims;
  claims.issuer = json_text(*json, "iss");
  claims.subject = json_text(*json, "sub");
  claims.expires_at = detail::numeric_date(*json, "exp");
  claims.issued_at = detail::numeric_date(*json, "iat");
  claims.not_before = detail::numeric_date(*json, "nbf");
  if (const auto aud = json->find("aud"); aud != json->end()) {
    if (aud->is_string()) claims.audiences.push_back(aud->get<std::string>());
    if (aud->is_array()) {
      for (const nlohmann::json &item : *aud) {
        if (item.is_string()) claims.audiences.push_back(item.get<std::string>());
      }
    }
  }
  claims.all = std::move(*json);
  return claims;
}

}  // namespace regcred
