#include "cluster/object_names.hpp"

#include <algorithm>
#include <string>

namespace regcred::core {
namespace {

constexpr std::size_t label_bytes_max = 63;
constexpr std::size_t subdomain_bytes_max = 253;

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// `text` starts and ends with a lower-case letter or digit, and has these and `inner` between.
bool is_word(std::string_view text, std::string_view inner) {
  return !text.empty() && is_lower_alphanumeric(text.front()) && is_lower_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_lower_alphanumeric(c) || inner.find(c) != std::string_view::npos; });
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

bool is_annotation_key(std::string_view text) {
  std::string lower(text);
  for (char &c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  std::string_view name = lower;
  if (const std::size_t slash = name.find('/'); slash != std::string_view::npos) {
    if (!is_dns_subdomain(name.substr(0, slash))) return false;
    name.remove_prefix(slash + 1);
  }
  return name.size() <= label_bytes_max && is_word(name, "-_.");
}

}  // namespace regcred::core
