// SPDX-License-Identifier: Apache-2.0
// Settings that many backends have, read and checked: a host, hosts that are served, a username, further headers. Each
// reads one key; BAD_CONFIG names the key, what is wrong and the cure. The JSON Schema to go with each stands beside it
// (functions are a little stricter where a schema cannot say it: ports above 65535, lengths of host labels).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <regcred/http.hpp>
#include <regcred/result.hpp>
#include <regcred/settings.hpp>
#include <regcred/text.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred {

namespace detail {

// BAD_CONFIG: settings.KEY: "VALUE" CURE
[[nodiscard]] inline tl::unexpected<Failure> wrong_setting(const Settings &settings, std::string_view key,
                                                           std::string_view value, std::string_view cure) {
  return failure(Code::bad_config,
                 settings.where() + "." + std::string(key) + ": " + shown(value) + " " + std::string(cure));
}

}  // namespace detail

// `text` as host[:port] in lower case, without the port when it is 443, https's own. nullopt when it is not a host.
[[nodiscard]] inline std::optional<std::string> https_host(std::string_view text) {
  std::optional<std::string> host = host_and_port(text);
  if (host && host->ends_with(":443")) host->resize(host->size() - 4);
  return host;
}

// The host of an https service, as it may stand in a URL: host[:port] in lower case, without :443. nullopt when the key
// is absent.
//   "type": "string", "pattern": "^[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?$", "maxLength": 259
[[nodiscard]] inline Result<std::optional<std::string>> read_host(Settings &settings, std::string_view key) {
  const std::optional<std::string> text = settings.text(key);
  if (!text) return std::nullopt;
  std::optional<std::string> host = https_host(*text);
  if (!host) {
    return detail::wrong_setting(settings, key, *text,
                                 "is not a host; write host or host:port, without https:// and path");
  }
  return host;
}

// One host, or all below one.
class HostPattern {
 public:
  // `text` as host[:port] or *.host[:port]; nullopt for all else. Below the * stand two labels or more: "*.com" would
  // be the world.
  [[nodiscard]] static std::optional<HostPattern> parse(std::string_view text) {
    const bool below = text.starts_with("*.");
    std::optional<std::string> host = https_host(below ? text.substr(2) : text);
    if (!host || (below && host->find('.') == std::string::npos)) return std::nullopt;
    return HostPattern(std::move(*host), below);
  }

  // Whether `registry` (host[:port], as in a request) is that host; with *., a name below it at any depth, not the host
  // itself. The port must be the pattern's own; none and 443 are the same.
  [[nodiscard]] bool matches(std::string_view registry) const {
    const std::optional<std::string> host = https_host(registry);
    if (!host) return false;
    if (!below_) return *host == host_;
    return host->size() > host_.size() + 1 && host->ends_with(host_) && (*host)[host->size() - host_.size() - 1] == '.';
  }

 private:
  HostPattern(std::string host, bool below) : host_(std::move(host)), below_(below) {}

  std::string host_;  // as https_host() writes it
  bool below_;
};

[[nodiscard]] inline bool matches_any(const std::vector<HostPattern> &patterns, std::string_view registry) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [registry](const HostPattern &pattern) { return pattern.matches(registry); });
}

// Which registries a backend serves, so that a matchImages that is too broad gives no credential away. At most 64;
// empty when the key is absent.
//   "type": "array", "maxItems": 64,
//   "items": { "type": "string", "pattern": "^([*][.][-a-zA-Z0-9]+[.])?[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?$",
//              "maxLength": 261 }
[[nodiscard]] inline Result<std::vector<HostPattern>> read_host_patterns(Settings &settings, std::string_view key) {
  constexpr std::size_t patterns_max = 64;
  const std::vector<std::string> texts = settings.texts(key);
  if (texts.size() > patterns_max) {
    return failure(Code::bad_config, settings.where() + "." + std::string(key) + ": more than 64 hosts");
  }
  std::vector<HostPattern> patterns;
  for (const std::string &text : texts) {
    std::optional<HostPattern> pattern = HostPattern::parse(text);
    if (!pattern) {
      return detail::wrong_setting(
          settings, key, text, "is not a host; write host[:port] as in the image, or *.example.com for all below one");
    }
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

// The username of a credential: 1 to 256 bytes without ':' (HTTP Basic ends it there) and control characters. nullopt
// when the key is absent.
//   "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f:]+$", "maxLength": 256
[[nodiscard]] inline Result<std::optional<std::string>> read_username(Settings &settings, std::string_view key) {
  constexpr std::size_t username_bytes_max = 256;
  std::optional<std::string> username = settings.text(key);
  if (username && (username->empty() || username->size() > username_bytes_max || has_control_character(*username) ||
                   username->find(':') != std::string::npos)) {
    return detail::wrong_setting(settings, key, without_value(*username),
                                 "is not a username: 1 to 256 bytes without ':' and control characters");
  }
  return username;
}

// Further headers of a request: at most 32 of at most 1 KiB, printable ASCII. Refuses those that the request needs for
// itself: Accept, Authorization, Connection, Cookie, Expect, Host, TE, Trailer, Transfer-Encoding, Upgrade, Content-*,
// Proxy-*. Values are never shown: they may be keys of a gateway.
//   "type": "object", "maxProperties": 32,
//   "propertyNames": { "pattern": "^[-!#$%&'*+.^_`|~0-9A-Za-z]+$", "maxLength": 128 },
//   "additionalProperties": { "type": "string", "pattern": "^[ -~]*$", "maxLength": 1024 }
[[nodiscard]] inline Result<HttpHeaders> read_headers(Settings &settings, std::string_view key) {
  constexpr std::size_t headers_max = 32;
  constexpr std::string_view name_characters =  // RFC 9110, section 5.6.2
      "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::array<std::string_view, 10> reserved = {
      "accept", "authorization", "connection",        "cookie", "expect", "host",
      "te",     "trailer",       "transfer-encoding", "upgrade"};
  HttpHeaders headers;
  for (const auto &[name, value] : settings.text_map(key)) {
    if (name.empty() || name.size() > 128 || name.find_first_not_of(name_characters) != std::string::npos) {
      return detail::wrong_setting(settings, key, without_value(name), "is not a header name; correct or remove it");
    }
    std::string lower = name;
    for (char &c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (std::find(reserved.begin(), reserved.end(), lower) != reserved.end() || lower.starts_with("content-") ||
        lower.starts_with("proxy-")) {
      return detail::wrong_setting(settings, key, name, "may not be set: the request needs it for itself; remove it");
    }
    if (value.size() > 1024 || !std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
      return detail::wrong_setting(settings, key, name,
                                   "has a value with other than printable ASCII, or over 1 KiB; correct it");
    }
    headers.emplace_back(name, value);
  }
  if (headers.size() > headers_max) {
    return failure(Code::bad_config, settings.where() + "." + std::string(key) + ": more than 32 headers");
  }
  return headers;
}

}  // namespace regcred
