// Hosts: which may be given the token, and which images are Cloudsmith's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudsmith {

// `text` as host[:port] in lower case, without the port when it is 443, https's own; nullopt when it is no host.
[[nodiscard]] std::optional<std::string> api_host(std::string_view text);

// One entry of allowedApiHosts.
struct HostRule {
  std::string host;         // as api_host() writes it
  bool subdomains = false;  // written "*.host": its subdomains at any depth, not the host itself
};

// `text` as host[:port] or "*.suffix[:port]"; nullopt when it is neither. A suffix has at least two labels: "*.com"
// would allow the world.
[[nodiscard]] std::optional<HostRule> host_rule(std::string_view text);

// Whether `host` (as api_host() writes it) keeps to one of the rules. The port must be the rule's own.
[[nodiscard]] bool allowed(std::string_view host, const std::vector<HostRule> &rules);

// Whether `registry` (lower case) is a host of Cloudsmith itself: cloudsmith.io, cloudsmith.com or a name below them,
// on https's own port. There, and only there, the image's first path segment is the organisation.
[[nodiscard]] bool is_cloudsmith_registry(std::string_view registry);

}  // namespace cloudsmith
