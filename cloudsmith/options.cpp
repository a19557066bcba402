#include "options.hpp"

#include <algorithm>
#include <array>
#include <regcred/text.hpp>
#include <utility>

namespace cloudsmith {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::Settings;
using regcred::shown;

constexpr std::size_t slug_bytes_max = 100;  // Cloudsmith cuts slugs at 30 and may append a suffix
constexpr std::size_t list_items_max = 64;
constexpr std::size_t headers_max = 32;
constexpr std::size_t header_name_bytes_max = 128;
constexpr std::size_t header_value_bytes_max = 1024;
constexpr std::size_t username_bytes_max = 256;

tl::unexpected<regcred::Failure> wrong(std::string_view key, std::string_view value, std::string_view cure) {
  return failure(Code::bad_config, "settings." + std::string(key) + ": " + shown(value) + " " + std::string(cure));
}

Result<std::optional<std::string>> read_slug(Settings &settings, std::string_view key) {
  std::optional<std::string> slug = settings.text(key);
  if (slug && !is_slug(*slug)) {
    return wrong(key, *slug, "is no slug: letters, digits, - and _ only, 1 to 100 of them; copy it from Cloudsmith");
  }
  return slug;
}

Result<std::vector<HostRule>> read_allowed_hosts(Settings &settings) {
  const std::vector<std::string> texts = settings.texts("allowedApiHosts");
  if (texts.size() > list_items_max) return failure(Code::bad_config, "settings.allowedApiHosts: more than 64 hosts");
  std::vector<HostRule> rules;
  for (const std::string &text : texts) {
    std::optional<HostRule> rule = host_rule(text);
    if (!rule) {
      return wrong("allowedApiHosts", text, "is no host; write host[:port], or *.example.com for all below a domain");
    }
    rules.push_back(std::move(*rule));
  }
  return rules;
}

Result<std::vector<std::string>> read_registry_hosts(Settings &settings) {
  const std::vector<std::string> texts = settings.texts("registryHosts");
  if (texts.size() > list_items_max) return failure(Code::bad_config, "settings.registryHosts: more than 64 hosts");
  std::vector<std::string> hosts;
  for (const std::string &text : texts) {
    std::optional<std::string> host = regcred::host_and_port(text);
    if (!host)
      return wrong("registryHosts", text, "is no host; write host[:port] exactly as in the image, no wildcard");
    hosts.push_back(std::move(*host));
  }
  return hosts;
}

// RFC 9110, 5.6.2 (token).
bool is_header_name(std::string_view name) {
  constexpr std::string_view allowed = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !name.empty() && name.size() <= header_name_bytes_max && name.find_first_not_of(allowed) == name.npos;
}

bool is_header_value(std::string_view value) {
  return value.size() <= header_value_bytes_max &&
         std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// Headers that would change what the exchange means, or how its bytes are read on the way.
bool is_reserved_header(std::string_view name) {
  constexpr std::array<std::string_view, 12> names = {
      "accept",     "authorization", "connection",        "cookie", "expect", "host", "te", "http2-settings",
      "keep-alive", "trailer",       "transfer-encoding", "upgrade"};
  std::string lower(name);
  for (char &c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::find(names.begin(), names.end(), lower) != names.end() || lower.starts_with("content-") ||
         lower.starts_with("proxy-");
}

Result<regcred::HttpHeaders> read_headers(Settings &settings) {
  regcred::HttpHeaders headers;
  for (auto &[name, value] : settings.text_map("headers")) {
    if (!is_header_name(name)) return wrong("headers", name, "is no header name; correct or remove it");
    if (is_reserved_header(name)) return wrong("headers", name, "may not be set: the exchange needs it; remove it");
    // The value is not shown: operators put keys of their proxies there.
    if (!is_header_value(value)) {
      return wrong("headers", name, "has a value with other than printable ASCII, or over 1 KiB; correct it");
    }
    headers.emplace_back(name, value);
  }
  if (headers.size() > headers_max) return failure(Code::bad_config, "settings.headers: more than 32 headers");
  return headers;
}

}  // namespace

bool is_slug(std::string_view text) {
  constexpr std::string_view allowed = "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.size() <= slug_bytes_max && text.find_first_not_of(allowed) == std::string_view::npos;
}

Result<Options> read_options(Settings &settings) {
  Options options;
  Result<std::optional<std::string>> org = read_slug(settings, "orgSlug");
  Result<std::optional<std::string>> service = read_slug(settings, "serviceSlug");
  const std::string host_text = settings.text("apiHost").value_or("api.cloudsmith.io");
  std::optional<std::string> host = api_host(host_text);
  Result<std::vector<HostRule>> allowed_hosts = read_allowed_hosts(settings);
  options.username = settings.text("username").value_or("token");
  Result<regcred::HttpHeaders> headers = read_headers(settings);
  Result<std::vector<std::string>> registry_hosts = read_registry_hosts(settings);

  if (!org) return tl::make_unexpected(std::move(org.error()));
  if (!service) return tl::make_unexpected(std::move(service.error()));
  if (!host) return wrong("apiHost", host_text, "is no host; write host or host:port, without https:// and path");
  if (!allowed_hosts) return tl::make_unexpected(std::move(allowed_hosts.error()));
  const std::string &username = options.username;
  if (username.empty() || username.size() > username_bytes_max || regcred::has_control_character(username) ||
      username.find(':') != std::string::npos) {
    return wrong("username", username, "is no username: 1 to 256 bytes without ':' and control characters");
  }
  if (!headers) return tl::make_unexpected(std::move(headers.error()));
  if (!registry_hosts) return tl::make_unexpected(std::move(registry_hosts.error()));

  options.org_slug = std::move(*org);
  options.service_slug = std::move(*service);
  options.api_host = std::move(*host);
  options.allowed_api_hosts = std::move(*allowed_hosts);
  options.headers = std::move(*headers);
  options.registry_hosts = std::move(*registry_hosts);
  return options;
}

}  // namespace cloudsmith
