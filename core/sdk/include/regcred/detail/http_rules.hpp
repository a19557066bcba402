// SPDX-License-Identifier: Apache-2.0
// What a backend may ask of regcred.http/1 (promises H1, H6): the host refuses all else before libcurl sees it, and
// FakeHost refuses the same. The rules stand in abi.h, regcred_http_v1.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <regcred/http.hpp>
#include <regcred/text.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace regcred::detail {

struct HttpCall {
  std::string_view method;
  std::string_view url;
  std::span<const std::pair<std::string_view, std::string_view>> headers;
  std::size_t body_bytes = 0;
  bool metadata = false;  // REGCRED_HTTP_METADATA
};

inline constexpr std::size_t http_url_bytes_max = 8U << 10U;
inline constexpr std::size_t http_call_headers_max = 100;
inline constexpr std::size_t http_call_header_bytes_max = 64U << 10U;  // names and values, with ": " and a line's end
inline constexpr std::size_t http_call_body_bytes_max = 1U << 20U;

// AWS (instance, ECS, EKS Pod Identity), Google and Azure share the first; Alibaba has its own.
inline constexpr std::array<std::string_view, 8> metadata_hosts = {
    "169.254.169.254", "metadata.google.internal", "metadata.google.internal.", "169.254.170.2", "169.254.170.23",
    "[fd00:ec2::254]", "[fd00:ec2::23]",           "100.100.100.200",
};

// They decide where a message ends, or who answers.
inline constexpr std::array<std::string_view, 10> reserved_headers = {
    "connection", "content-length",    "expect",         "host", "keep-alive", "te", "trailer",
    "upgrade",    "transfer-encoding", "http2-settings",
};

// RFC 9110, 5.6.2.
[[nodiscard]] inline bool is_http_token(std::string_view name) noexcept {
  constexpr std::string_view allowed = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
}

[[nodiscard]] inline std::string broken_url_rule(std::string_view url, bool metadata) {
  if (url.size() > http_url_bytes_max) return "the URL has more than 8 KiB";
  if (std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c > '~' || c == '\\' || c == '#'; })) {
    return "the URL holds a space, control character, backslash or fragment; percent-encode what comes from outside";
  }
  const std::string_view authority = url_host(url);
  if (metadata) {
    const bool known = std::find(metadata_hosts.begin(), metadata_hosts.end(), authority) != metadata_hosts.end();
    if (known && url.starts_with("http://")) return {};  // guard: metadata-endpoints
    return shown(authority) + " asked as a metadata endpoint: only the clouds' own may be asked so, by plain http";
  }
  if (!url.starts_with("https://")) return "the URL does not start with https://";  // guard: https-only
  if (authority.find('@') != std::string_view::npos) return "the URL holds user info";
  if (!is_authority(authority)) return shown(authority) + " in the URL is not host[:port]";
  return {};
}

[[nodiscard]] inline std::string broken_header_rule(std::string_view name, std::string_view value) {
  // guard: header-name
  if (!is_http_token(name)) return "the header name " + shown(name) + " is not a token";
  const std::string lower = lower_case(name);
  if (std::find(reserved_headers.begin(), reserved_headers.end(), lower) != reserved_headers.end() ||
      lower.starts_with("proxy-")) {
    return "the header " + lower + " may not be set by a backend";
  }
  // guard: header-value
  const auto is_control = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7F; };
  // The value is not shown: it may be a token.
  if (!std::any_of(value.begin(), value.end(), is_control)) return {};
  return "the value of header " + lower + " has a control character";
}

// Empty when `call` keeps every rule, else the first that it breaks, as one line for people.
[[nodiscard]] inline std::string broken_http_rule(const HttpCall &call) {
  constexpr std::array<std::string_view, 3> methods = {"GET", "POST", "PUT"};
  if (std::find(methods.begin(), methods.end(), call.method) == methods.end()) {
    return "the method " + shown(call.method) + " is not GET, POST or PUT";
  }
  if (call.method == "GET" && call.body_bytes > 0) return "a GET with a body";
  if (call.body_bytes > http_call_body_bytes_max) return "the body has more than 1 MiB";
  if (std::string broken = broken_url_rule(call.url, call.metadata); !broken.empty()) return broken;
  if (call.headers.size() > http_call_headers_max) return "more than 100 headers";
  std::size_t bytes = 0;
  for (const auto &[name, value] : call.headers) {
    if (std::string broken = broken_header_rule(name, value); !broken.empty()) return broken;
    bytes += name.size() + value.size() + 4;
  }
  return bytes > http_call_header_bytes_max ? "the headers have more than 64 KiB" : "";
}

}  // namespace regcred::detail
