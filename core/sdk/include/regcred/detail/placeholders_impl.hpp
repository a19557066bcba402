// SPDX-License-Identifier: Apache-2.0
// The bodies of placeholders.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <regcred/placeholders.hpp>
#include <regcred/text.hpp>

namespace regcred {

namespace detail {

// A label of RFC 1123, in lower case as Kubernetes wants it, of any length.
[[nodiscard]] inline bool is_dns_label(std::string_view text) {
  constexpr std::string_view inner = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !text.empty() && text.find_first_not_of(inner) == text.npos && text.front() != '-' && text.back() != '-';
}

// Labels with dots between them.
[[nodiscard]] inline bool is_dns_subdomain(std::string_view text) {
  constexpr std::size_t bytes_max = 253;
  if (text.size() > bytes_max) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_dns_label(text.substr(0, dot))) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace detail

inline Result<ServiceAccountName> service_account_name(const UnverifiedClaims &claims) {
  constexpr std::string_view prefix = "system:serviceaccount:";
  constexpr std::size_t namespace_bytes_max = 63;
  const std::string_view subject = claims.subject;
  if (subject.starts_with(prefix)) {
    const std::string_view both = subject.substr(prefix.size());
    const std::size_t colon = both.find(':');
    if (colon <= namespace_bytes_max && detail::is_dns_label(both.substr(0, colon)) &&
        detail::is_dns_subdomain(both.substr(colon + 1))) {
      return ServiceAccountName{std::string(both.substr(0, colon)), std::string(both.substr(colon + 1))};
    }
  }
  return failure(Code::bad_request,
                 "the token's subject " + shown(subject, 120) +
                     " is not system:serviceaccount:NAMESPACE:NAME with names that Kubernetes allows, so nothing was "
                     "sent; a kubelet sends one: check who started this program");
}

inline std::optional<std::string> unknown_placeholder(std::string_view text, std::span<const std::string_view> names) {
  while (true) {
    const std::size_t brace = text.find_first_of("{}");
    if (brace == text.npos) return std::nullopt;
    const std::size_t end = text.find('}', brace);
    const std::string_view whole = text.substr(brace, end == text.npos ? text.npos : end - brace + 1);
    if (text[brace] == '}' || end == text.npos ||
        std::find(names.begin(), names.end(), whole.substr(1, whole.size() - 2)) == names.end()) {
      return std::string(whole);
    }
    text.remove_prefix(end + 1);
  }
}

inline bool placeholders_may_mix(std::string_view text) {
  constexpr std::string_view in_names = "abcdefghijklmnopqrstuvwxyz0123456789-.:[]";
  for (std::size_t end = text.find('}'); end != text.npos; end = text.find('}', end + 1)) {
    const std::size_t next = text.find('{', end);
    if (next == text.npos) return false;
    if (text.substr(end + 1, next - end - 1).find_first_not_of(in_names) == text.npos) return true;
  }
  return false;
}

inline std::string with_placeholders(std::string_view text, std::span<const Placeholder> values) {
  std::string made;
  while (!text.empty()) {
    const std::size_t brace = text.find('{');
    made += text.substr(0, brace);
    if (brace == text.npos) break;
    text.remove_prefix(brace);
    const auto known = std::find_if(values.begin(), values.end(), [text](const Placeholder &value) {
      return text.substr(1).starts_with(value.first) && text.substr(1 + value.first.size()).starts_with('}');
    });
    if (known == values.end()) {
      made += '{';
      text.remove_prefix(1);
    } else {
      made += known->second;
      text.remove_prefix(known->first.size() + 2);
    }
  }
  return made;
}

inline std::string with_placeholders(std::string_view text, const ServiceAccountName &pod) {
  const Placeholder values[] = {{"namespace", pod.namespace_name}, {"serviceAccount", pod.name}};
  return with_placeholders(text, values);
}

}  // namespace regcred
