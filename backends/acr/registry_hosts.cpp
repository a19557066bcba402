// SPDX-License-Identifier: Apache-2.0
#include "registry_hosts.hpp"

#include <array>
#include <utility>

namespace acr {
namespace {

// A token for one cloud's authority is worth nothing at another's registries.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> clouds = {{
    {".azurecr.io", "login.microsoftonline.com"},
    {".azurecr.cn", "login.chinacloudapi.cn"},
    {".azurecr.us", "login.microsoftonline.us"},
}};

bool is_alnum(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string_view::npos;
}

// A registry's name, 5 to 50 letters and digits, with or without the hash of a domain name label.
bool is_registry_name(std::string_view label) {
  const std::size_t hyphen = label.find('-');
  const std::string_view name = label.substr(0, hyphen);
  if (hyphen != std::string_view::npos && !is_alnum(label.substr(hyphen + 1))) return false;
  return is_alnum(name) && name.size() >= 5 && name.size() <= 50;
}

}  // namespace

std::string_view authority_of_registry(std::string_view host) {
  for (const auto &[suffix, authority] : clouds) {
    if (!host.ends_with(suffix)) continue;
    std::string_view name = host.substr(0, host.size() - suffix.size());
    constexpr std::string_view geo = ".geo";
    if (name.ends_with(geo)) {
      name.remove_suffix(geo.size());
      const std::size_t dot = name.find('.');
      if (dot == std::string_view::npos || !is_alnum(name.substr(dot + 1))) return {};
      name = name.substr(0, dot);
    }
    return is_registry_name(name) ? authority : std::string_view();
  }
  return {};
}

}  // namespace acr
