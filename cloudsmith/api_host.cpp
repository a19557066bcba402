#include "api_host.hpp"

#include <algorithm>
#include <regcred/text.hpp>

namespace cloudsmith {
namespace {

struct Parts {
  std::string_view name;
  std::string_view port;  // with its colon; may be empty
};

Parts split(std::string_view host) {
  const std::size_t colon = host.find(':');
  if (colon == std::string_view::npos) return {host, {}};
  return {host.substr(0, colon), host.substr(colon)};
}

bool below(std::string_view name, std::string_view parent) {
  return name.size() > parent.size() + 1 && name.ends_with(parent) && name[name.size() - parent.size() - 1] == '.';
}

bool keeps_to(std::string_view host, const HostRule &rule) {
  if (!rule.subdomains) return host == rule.host;
  const Parts asked = split(host);
  const Parts parent = split(rule.host);
  return asked.port == parent.port && below(asked.name, parent.name);
}

}  // namespace

std::optional<std::string> api_host(std::string_view text) {
  std::optional<std::string> host = regcred::host_and_port(text);
  if (host && host->ends_with(":443")) host->resize(host->size() - 4);
  return host;
}

std::optional<HostRule> host_rule(std::string_view text) {
  const bool subdomains = text.starts_with("*.");
  std::optional<std::string> host = api_host(subdomains ? text.substr(2) : text);
  if (!host) return std::nullopt;
  if (subdomains && host->find('.') == std::string::npos) return std::nullopt;
  return HostRule{std::move(*host), subdomains};
}

bool allowed(std::string_view host, const std::vector<HostRule> &rules) {
  return std::any_of(rules.begin(), rules.end(), [host](const HostRule &rule) { return keeps_to(host, rule); });
}

bool is_cloudsmith_registry(std::string_view registry) {
  const Parts parts = split(registry);
  if (!parts.port.empty() && parts.port != ":443") return false;
  return parts.name == "cloudsmith.io" || parts.name == "cloudsmith.com" || below(parts.name, "cloudsmith.io") ||
         below(parts.name, "cloudsmith.com");
}

}  // namespace cloudsmith
