// SPDX-License-Identifier: Apache-2.0
// The bodies of setting_rules.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <regcred/setting_rules.hpp>
#include <regcred/text.hpp>
#include <utility>

namespace regcred {

namespace detail {

// BAD_CONFIG: settings.KEY: "VALUE" CURE
[[nodiscard]] inline tl::unexpected<Failure> wrong_setting(const Settings &settings, std::string_view key,
                                                           std::string_view value, std::string_view cure) {
  return failure(Code::bad_config,
                 settings.where() + "." + std::string(key) + ": " + shown(value) + " " + std::string(cure));
}

}  // namespace detail

inline std::optional<std::string> https_host(std::string_view text) {
  std::optional<std::string> host = host_and_port(text);
  if (host && host->ends_with(":443")) host->resize(host->size() - 4);
  return host;
}

inline Result<std::optional<std::string>> read_host(Settings &settings, std::string_view key) {
  const std::optional<std::string> text = settings.text(key);
  if (!text) return std::nullopt;
  std::optional<std::string> host = https_host(*text);
  if (!host) {
    return detail::wrong_setting(settings, key, *text,
                                 "is not a host; write host or host:port, without https:// and path");
  }
  return host;
}

inline Result<std::optional<std::string>> read_base_url(Settings &settings, std::string_view key) {
  constexpr std::string_view scheme = "https://";
  const std::optional<std::string> text = settings.text(key);
  if (!text) return std::nullopt;
  std::optional<std::string> host;
  if (text->starts_with(scheme)) host = https_host(std::string_view(*text).substr(scheme.size()));
  if (!host) {
    return detail::wrong_setting(settings, key, *text,
                                 "is not a base URL; write https://host or https://host:port, without a path or a "
                                 "slash at its end");
  }
  return std::string(scheme) + *host;
}

inline std::optional<HostPattern> HostPattern::parse(std::string_view text) {
  const bool below = text.starts_with("*.");
  std::optional<std::string> host = https_host(below ? text.substr(2) : text);
  if (!host || (below && host->find('.') == std::string::npos)) return std::nullopt;
  return HostPattern(std::move(*host), below);
}

inline bool HostPattern::matches(std::string_view registry) const {
  const std::optional<std::string> host = https_host(registry);
  if (!host) return false;
  if (!below_) return *host == host_;
  return host->size() > host_.size() + 1 && host->ends_with(host_) && (*host)[host->size() - host_.size() - 1] == '.';
}

inline HostPattern::HostPattern(std::string host, bool below) : host_(std::move(host)), below_(below) {}

inline bool matches_any(const std::vector<HostPattern> &patterns, std::string_view registry) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [registry](const HostPattern &pattern) { return pattern.matches(registry); });
}

inline Result<std::vector<HostPattern>> read_host_patterns(Settings &settings, std::string_view key) {
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

inline Result<std::optional<std::string>> read_username(Settings &settings, std::string_view key) {
  constexpr std::size_t username_bytes_max = 256;
  std::optional<std::string> username = settings.text(key);
  if (username && (username->empty() || username->size() > username_bytes_max || has_control_character(*username) ||
                   username->find(':') != std::string::npos)) {
    return detail::wrong_setting(settings, key, without_value(*username),
                                 "is not a username: 1 to 256 bytes without ':' and control characters");
  }
  return username;
}

inline Result<Identity> read_identity(Settings &settings) {
  const std::string text = settings.text("identity").value_or("token");
  if (text == "token") return Identity::token;
  if (text == "node") return Identity::node;
  return detail::wrong_setting(settings, "identity", text,
                               "is not an identity; write token (the pod's, the default) or node");
}

inline Result<HttpHeaders> read_headers(Settings &settings, std::string_view key) {
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
    const std::string lower = lower_case(name);
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
