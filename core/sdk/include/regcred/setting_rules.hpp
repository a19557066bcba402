// SPDX-License-Identifier: Apache-2.0
// Settings that many backends have, read and checked: a host, a base URL, hosts that are served, a username, further
// headers. Each function reads one key. BAD_CONFIG names the key, what is wrong and the cure; a wrong type counts as
// absent here, and Settings::finish() reports it. The JSON Schema to go with each is the constant of the same name in
// schema.hpp.
#pragma once

#include <optional>
#include <regcred/http.hpp>
#include <regcred/result.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace regcred {

// `text` as host[:port] in lower case, without the port when it is 443, the default of https (RFC 9110, section 4.2.2).
// nullopt when host_and_port() of text.hpp does not accept it.
[[nodiscard]] inline std::optional<std::string> https_host(std::string_view text);

// The host of an https service, as it may stand in a URL: https_host() of the setting. nullopt when the key is absent.
// Schema: schema::host.
[[nodiscard]] inline Result<std::optional<std::string>> read_host(Settings &settings, std::string_view key);

// The base URL of an https service, to which a backend appends its paths: https:// and https_host() of what follows.
// nullopt when the key is absent. Schema: schema::base_url.
[[nodiscard]] inline Result<std::optional<std::string>> read_base_url(Settings &settings, std::string_view key);

// One host, or all below one.
class HostPattern {
 public:
  // `text` as host[:port] or *.host[:port]; nullopt for everything else. Below the * stand two labels or more, since
  // "*.com" would be every host of a top-level domain.
  [[nodiscard]] static std::optional<HostPattern> parse(std::string_view text);

  // Whether `registry` (host[:port], as in a request) is that host; with *., a name below it at any depth, not the host
  // itself. The port must be the pattern's own; none and 443 are the same. In matchImages a * stands for one label only
  // (KEP-2133).
  [[nodiscard]] bool matches(std::string_view registry) const;

 private:
  HostPattern(std::string host, bool below);

  std::string host_;  // as https_host() writes it
  bool below_;        // written with *.
};

// Whether one of `patterns` matches; false for an empty list.
[[nodiscard]] inline bool matches_any(const std::vector<HostPattern> &patterns, std::string_view registry);

// Which registries a backend serves, so that a matchImages that is too broad gives no credential away: at most 64
// patterns, in order. Empty when the key is absent or its list is empty; Settings::has() tells which.
// Schema: schema::host_patterns.
[[nodiscard]] inline Result<std::vector<HostPattern>> read_host_patterns(Settings &settings, std::string_view key);

// The username of a credential: 1 to 256 bytes without control characters and ':', where HTTP Basic ends it (RFC 7617,
// section 2). nullopt when the key is absent. Schema: schema::username.
[[nodiscard]] inline Result<std::optional<std::string>> read_username(Settings &settings, std::string_view key);

// Whose identity a backend asks with: the pod's, by its token, or the node's, which a cloud's metadata service gives.
// Only the operator chooses the latter, since all pods of the node then share its rights.
enum class Identity { token, node };

// `identity: token` or `identity: node`; token when the key is absent. Schema: schema::identity.
[[nodiscard]] inline Result<Identity> read_identity(Settings &settings);

// Further headers of a request: at most 32, names of at most 128 bytes, values of at most 1 KiB of printable ASCII.
// Refuses those that the request needs for itself: Accept, Authorization, Connection, Cookie, Expect, Host, TE,
// Trailer, Transfer-Encoding, Upgrade, Content-*, Proxy-*. No failure shows a value: it may be a gateway's key. Schema:
// schema::headers.
[[nodiscard]] inline Result<HttpHeaders> read_headers(Settings &settings, std::string_view key);

}  // namespace regcred

#include <regcred/detail/setting_rules_impl.hpp>
