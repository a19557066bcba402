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

// Those of Microsoft's client libraries.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> audiences = {{
    {"login.microsoftonline.com", "api://AzureADTokenExchange"},
    {"login.chinacloudapi.cn", "api://AzureADTokenExchangeChina"},
    {"login.partner.microsoftonline.cn", "api://AzureADTokenExchangeChina"},
    {"login.microsoftonline.us", "api://AzureADTokenExchangeUSGov"},
    {"login.sovcloud-identity.fr", "api://AzureADTokenExchangeFrance"},
    {"login.sovcloud-identity.de", "api://AzureADTokenExchangeGermany"},
    {"login.sovcloud-identity.sg", "api://AzureADTokenExchangeGovSG"},
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

std::string_view authority_of_suffix(std::string_view pattern) {
  for (const auto &[suffix, authority] : clouds) {
    if (pattern.ends_with(suffix)) return authority;
  }
  return {};
}

std::string_view token_audience(std::string_view authority) {
  for (const auto &[known, audience] : audiences) {
    if (authority == known) return audience;
  }
  return {};
}

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
