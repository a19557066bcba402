// SPDX-License-Identifier: Apache-2.0
#include "config/proxy.hpp"

#include <regcred/text.hpp>

#include "common/ascii.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t proxy_bytes_max = 2048;
constexpr std::size_t no_proxy_bytes_max = 16U << 10U;

}  // namespace

Result<std::string> proxy_url(std::string_view text, const std::string &where) {
  constexpr std::string_view cure =
      "write http://host:port or https://host:port, and %40 for an @ in user or password, %2F for a /";
  std::string_view rest = text;
  std::string scheme = "http";
  if (const std::size_t colon = rest.find("://"); colon != std::string_view::npos) {
    scheme = to_lower(rest.substr(0, colon));
    rest.remove_prefix(colon + 3);
  }
  if (scheme != "http" && scheme != "https") {
    // Not shown: in "user:a://b@host" what looks like the scheme is part of the password.
    return fail(ErrorCode::config, where, "the proxy's scheme is neither http nor https",
                std::string(cure).append("; other proxies are not supported"));
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t at = rest.rfind('@');
  const std::string_view authority = at == std::string_view::npos ? rest : rest.substr(at + 1);
  const std::string_view user_info = at == std::string_view::npos ? "" : rest.substr(0, at);
  if (text.size() > proxy_bytes_max || has_control_character(text) || rest.find(' ') != std::string_view::npos ||
      user_info.find_first_of("@/?#") != std::string_view::npos || !is_authority(authority)) {
    return fail(ErrorCode::config, where, "not a proxy URL", std::string(cure));  // guard: refused-proxy
  }
  // Without a port libcurl would take 1080; Go and browsers take the scheme's own.
  const bool has_port =
      authority.find(':', authority.starts_with('[') ? authority.find(']') : 0) != std::string_view::npos;
  return scheme + "://" + std::string(rest) + (has_port ? "" : scheme == "https" ? ":443" : ":80");
}

Result<ProxyConfig> proxy_from_environment(const Environment &environment) {
  ProxyConfig proxy;
  for (const char *name : {"HTTPS_PROXY", "https_proxy"}) {
    const std::optional<std::string> value = environment.get(name);
    if (!value) continue;
    Result<std::string> url = proxy_url(*value, std::string("environment: ") + name);
    if (!url) return tl::make_unexpected(std::move(url.error()));
    proxy.url = std::move(*url);
    break;
  }
  Result<std::string> no_proxy = no_proxy_from_environment(environment);
  if (!no_proxy) return tl::make_unexpected(std::move(no_proxy.error()));
  proxy.no_proxy = std::move(*no_proxy);
  for (const char *name : {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"}) {
    if (std::optional<std::string> value = environment.get(name)) proxy.variables.push_back(name + ("=" + *value));
  }
  return proxy;
}

Result<std::string> no_proxy_from_environment(const Environment &environment) {
  for (const char *name : {"NO_PROXY", "no_proxy"}) {
    std::optional<std::string> value = environment.get(name);
    if (!value) continue;
    if (value->size() <= no_proxy_bytes_max && !has_control_character(*value)) return std::move(*value);
    return fail(ErrorCode::config, std::string("environment: ") + name,
                "longer than 16 KiB, or with control characters", "write hosts with commas between");
  }
  return std::string{};
}

}  // namespace regcred::core
