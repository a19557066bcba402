// SPDX-License-Identifier: Apache-2.0
#include "services/http/request_rules.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <regcred/text.hpp>

#include "common/ascii.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t url_bytes_max = 8U << 10U;
constexpr std::size_t headers_max = 100;
constexpr std::string_view https = "https://";
constexpr std::string_view http = "http://";

// AWS (instance, ECS, EKS Pod Identity), Google and Azure share the first; Alibaba has its own.
constexpr std::string_view metadata_hosts[] = {
    "169.254.169.254", "metadata.google.internal", "169.254.170.2",   "169.254.170.23",
    "[fd00:ec2::254]", "[fd00:ec2::23]",           "100.100.100.200",
};

constexpr std::string_view reserved_headers[] = {
    "connection", "content-length",    "expect",         "host", "keep-alive", "te", "trailer",
    "upgrade",    "transfer-encoding", "http2-settings",
};

bool is_token(std::string_view name) {
  constexpr std::string_view allowed = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_authority(std::string_view text) {
  if (!text.starts_with('[')) return host_and_port(text).has_value();
  const std::size_t end = text.find(']');
  if (end == std::string_view::npos) return false;
  in6_addr address{};
  const std::string_view rest = text.substr(end + 1);
  return ::inet_pton(AF_INET6, std::string(text.substr(1, end - 1)).c_str(), &address) == 1 &&
         (rest.empty() || (rest.front() == ':' && detail::is_port(rest.substr(1))));
}

std::string broken_url_rule(const HttpRequest &request) {
  const std::string_view url = request.url;
  if (url.size() > url_bytes_max) return "the URL has more than 8 KiB";
  if (std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c > '~' || c == '\\' || c == '#'; })) {
    return "the URL holds a space, control character, backslash or fragment; percent-encode what comes from outside";
  }
  const std::string_view authority = authority_of(url);
  if (request.metadata_endpoint) {
    const bool known =
        std::find(std::begin(metadata_hosts), std::end(metadata_hosts), authority) != std::end(metadata_hosts);
    if (known && url.starts_with(http)) return {};
    return in_quotes(authority) + " asked as a metadata endpoint: only the clouds' own may be asked so, by plain http";
  }
  if (!url.starts_with(https)) return "the URL does not start with https://";
  if (authority.find('@') != std::string_view::npos) return "the URL holds user info";
  if (!is_authority(authority)) return in_quotes(authority) + " in the URL is not host[:port]";
  return {};
}

std::string broken_header_rule(const HttpRequest &request) {
  if (request.headers.size() > headers_max) return "more than 100 headers";
  std::size_t bytes = 0;
  for (const auto &[name, value] : request.headers) {
    if (!is_token(name)) return "the header name " + in_quotes(name) + " is not a token";
    const std::string lower = to_lower(name);
    if (std::find(std::begin(reserved_headers), std::end(reserved_headers), lower) != std::end(reserved_headers) ||
        lower.starts_with("proxy-")) {
      return "the header " + lower + " may not be set by a backend";
    }
    const auto control = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7F; };
    // The value is not shown: it may be a token.
    if (std::any_of(value.begin(), value.end(), control))
      return "the value of header " + lower + " has a control character";
    bytes += name.size() + value.size() + 4;
  }
  if (bytes > limits::http_headers_bytes_max) return "the headers have more than 64 KiB";
  return {};
}

}  // namespace

std::string_view authority_of(std::string_view url) noexcept {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

std::string broken_rule(const HttpRequest &request) {
  constexpr std::array<std::string_view, 3> methods = {"GET", "POST", "PUT"};
  if (std::find(methods.begin(), methods.end(), request.method) == methods.end()) {
    return "the method " + in_quotes(request.method) + " is not GET, POST or PUT";
  }
  if (request.method == "GET" && !request.body.empty()) return "a GET with a body";
  if (request.body.size() > limits::http_request_bytes_max) return "the body has more than 1 MiB";
  if (std::string broken = broken_url_rule(request); !broken.empty()) return broken;
  return broken_header_rule(request);
}

}  // namespace regcred::core
