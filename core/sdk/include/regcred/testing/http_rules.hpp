// SPDX-License-Identifier: Apache-2.0
// What the real host refuses before anything is sent; FakeHost refuses the same.
#pragma once

#include <regcred/abi.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <regcred/http.hpp>
#include <regcred/text.hpp>
#include <string>
#include <string_view>

namespace regcred::test {

// One call that the backend made, as it came.
struct RecordedCall {
  std::string method;
  std::string url;
  HttpHeaders headers;
  std::string body;
  std::uint32_t flags = 0;  // REGCRED_HTTP_*
};

namespace detail {

[[nodiscard]] inline std::string broken_url_rule(std::string_view url, bool metadata) {
  if (std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c > '~' || c == '\\'; })) {
    return "white space, a backslash or non-ASCII in the URL";
  }
  if (!url.starts_with("https://") && !(metadata && url.starts_with("http://"))) return "the URL is not https";
  if (url.find('#') != std::string_view::npos) return "a fragment in the URL";
  const std::string_view rest = url.substr(url.find("://") + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) return "user info in the URL";
  if (!authority.starts_with('[') && !host_and_port(authority)) return "no host[:port] in the URL";
  return {};
}

[[nodiscard]] inline std::string broken_header_rule(const std::string &name, std::string_view value) {
  constexpr std::array<std::string_view, 9> of_the_host = {
      "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "upgrade", "transfer-encoding"};
  if (name.empty() || has_control_character(name) || name.find_first_of(": ") != std::string::npos) {
    return "a header name that is none";
  }
  std::string lower = name;
  for (char &c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (std::find(of_the_host.begin(), of_the_host.end(), lower) != of_the_host.end() || lower.starts_with("proxy-")) {
    return "a header that is the host's business";
  }
  return has_control_character(value) ? "control characters in a header" : "";
}

// Empty when `call` keeps the rules of abi.h (regcred_http_v1), else the first that it breaks.
[[nodiscard]] inline std::string broken_http_rule(const RecordedCall &call) {
  if (call.method != "GET" && call.method != "POST" && call.method != "PUT") return "method not allowed";
  if (call.method == "GET" && !call.body.empty()) return "a GET with a body";
  if (std::string broken = broken_url_rule(call.url, (call.flags & REGCRED_HTTP_METADATA) != 0U); !broken.empty()) {
    return broken;
  }
  for (const auto &[name, value] : call.headers) {
    if (std::string broken = broken_header_rule(name, value); !broken.empty()) return broken;
  }
  return {};
}

}  // namespace detail
}  // namespace regcred::test
