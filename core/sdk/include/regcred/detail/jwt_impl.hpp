// SPDX-License-Identifier: Apache-2.0
// The bodies of jwt.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <regcred/base64.hpp>
#include <regcred/json.hpp>
#include <regcred/jwt.hpp>
#include <utility>

namespace regcred {

inline bool UnverifiedClaims::has_audience(std::string_view audience) const {
  return std::find(audiences.begin(), audiences.end(), audience) != audiences.end();
}

namespace detail {

// NumericDate (RFC 7519, section 2): seconds, a fraction allowed; empty when absent, not a number, or beyond year 9999.
[[nodiscard]] inline std::optional<std::int64_t> numeric_date(const nlohmann::json &claims, const char *name) {
  constexpr double year_9999 = 253402300799.0;
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  if (!(value >= 0 && value <= year_9999)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

}  // namespace detail

inline bool is_cluster_issuer(std::string_view issuer) {
  constexpr std::string_view scheme = "https://";
  std::string_view host = issuer.substr(issuer.starts_with(scheme) ? scheme.size() : 0);
  host = host.substr(0, host.find('/'));
  host = host.substr(0, host.find(':'));
  return host == "kubernetes" || host == "kubernetes.default" || host.starts_with("kubernetes.default.svc.") ||
         host.ends_with(".svc") || host.ends_with(".cluster.local");
}

inline std::optional<UnverifiedClaims> read_unverified_claims(std::string_view token) {
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
