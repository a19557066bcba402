// Reads the claims of a JSON Web Token (RFC 7519) WITHOUT verifying its signature.
//
// A backend is not the relying party: the registry verifies the token. The claims serve three ends only: when does it
// expire, does its audience fit, and what can be told to the operator (issuer, subject, audience: never the token).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
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
  nlohmann::json all;                      // the whole claims object

  [[nodiscard]] bool has_audience(std::string_view audience) const {
    for (const std::string &item : audiences) {
      if (item == audience) return true;
    }
    return false;
  }
};

namespace detail {

// base64url without padding (RFC 4648, section 5); empty on any other character or an impossible length.
[[nodiscard]] inline std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : text) {
    std::uint32_t value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<std::uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<std::uint32_t>(c - 'a') + 26U;
    } else if (c >= '0' && c <= '9') {
      value = static_cast<std::uint32_t>(c - '0') + 52U;
    } else if (c == '-') {
      value = 62;
    } else if (c == '_') {
      value = 63;
    } else {
      return std::nullopt;
    }
    buffer = (buffer << 6U) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>((buffer >> bits) & 0xFFU));
    }
  }
  return bytes;
}

// NumericDate (RFC 7519, section 2): seconds, a fraction allowed; empty when absent, no number, or beyond year 9999.
[[nodiscard]] inline std::optional<std::int64_t> numeric_date(const nlohmann::json &claims, const char *name) {
  constexpr double year_9999 = 253402300799.0;
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  if (!(value >= 0 && value <= year_9999)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

[[nodiscard]] inline std::string text_claim(const nlohmann::json &claims, const char *name) {
  const auto found = claims.find(name);
  return found != claims.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// `text` as a JSON object that nests at most `depth_max` containers, itself included; empty for all else. The limit
// keeps the work of whoever walks through the value bounded.
[[nodiscard]] inline std::optional<nlohmann::json> parse_json_object(std::string_view text, int depth_max = 32) {
  bool too_deep = false;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json &) {
    using Event = nlohmann::json::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    too_deep = too_deep || (opens && depth >= depth_max);
    return !too_deep;
  };
  nlohmann::json value = nlohmann::json::parse(text, watch, /*allow_exceptions=*/false);
  if (too_deep || !value.is_object()) return std::nullopt;
  return value;
}

}  // namespace detail

// The claims of a compact JWS: three base64url parts, the second a JSON object. Empty when `token` is not one; at most
// 64 KiB are looked at. Nothing is verified.
[[nodiscard]] inline std::optional<UnverifiedClaims> read_unverified_claims(std::string_view token) {
  if (token.size() > 64U * 1024U) return std::nullopt;
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  const std::optional<std::string> payload = detail::base64url_decode(token.substr(first + 1, second - first - 1));
  if (!payload) return std::nullopt;
  std::optional<nlohmann::json> json = detail::parse_json_object(*payload);
  if (!json) return std::nullopt;

  UnverifiedClaims claims;
  claims.issuer = detail::text_claim(*json, "iss");
  claims.subject = detail::text_claim(*json, "sub");
  claims.expires_at = detail::numeric_date(*json, "exp");
  claims.issued_at = detail::numeric_date(*json, "iat");
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
