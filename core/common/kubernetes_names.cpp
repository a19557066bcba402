// SPDX-License-Identifier: Apache-2.0
#include "common/kubernetes_names.hpp"

#include <algorithm>
#include <string>

#include "common/ascii.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t label_bytes_max = 63;
constexpr std::size_t subdomain_bytes_max = 253;

bool is_lower_alnum(char c) { return is_lower(c) || is_digit(c); }

// `text` starts and ends with a lower-case letter or digit, and has these and `inner` between.
bool is_word(std::string_view text, std::string_view inner) {
  return !text.empty() && is_lower_alnum(text.front()) && is_lower_alnum(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_lower_alnum(c) || inner.find(c) != std::string_view::npos; });
}

}  // namespace

bool is_dns_label(std::string_view text) noexcept { return text.size() <= label_bytes_max && is_word(text, "-"); }

bool is_dns_subdomain(std::string_view text) noexcept {
  if (text.size() > subdomain_bytes_max) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_word(text.substr(0, dot), "-")) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_uid(std::string_view text) noexcept {
  constexpr std::size_t uid_bytes_max = 64;  // a UUID has 36
  return !text.empty() && text.size() <= uid_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '-'; });
}

bool is_annotation_key(std::string_view text) {
  const std::string lower = to_lower(text);
  std::string_view name = lower;
  if (const std::size_t slash = name.find('/'); slash != std::string_view::npos) {
    if (!is_dns_subdomain(name.substr(0, slash))) return false;
    name.remove_prefix(slash + 1);
  }
  return name.size() <= label_bytes_max && is_word(name, "-_.");
}

bool is_kubernetes_annotation(std::string_view key) noexcept {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view prefix = key.substr(0, slash);
  for (const std::string_view domain : {"kubernetes.io", "k8s.io"}) {
    if (!prefix.ends_with(domain)) continue;
    if (prefix.size() == domain.size() || prefix[prefix.size() - domain.size() - 1] == '.') return true;
  }
  return false;
}

}  // namespace regcred::core
