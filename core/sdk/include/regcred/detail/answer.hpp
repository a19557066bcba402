// SPDX-License-Identifier: Apache-2.0
// The small parts of exchange.hpp: bodies out, answers in. Pure. Not part of what backend authors use.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/http.hpp>
#include <regcred/json.hpp>
#include <regcred/jwt.hpp>
#include <regcred/text.hpp>
#include <regcred/time.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace regcred::detail {

// `text` in double quotes as JSON (RFC 8259, section 7). UTF-8 passes as it is.
inline void append_json_text(std::string &out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20U) {
      out += "\\u00";
      out.push_back(hex[byte >> 4U]);
      out.push_back(hex[byte & 0xFU]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

// A POST with `body`, which is wiped.
[[nodiscard]] inline HttpRequest post(std::string url, std::string content_type, std::string &body) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers = {{"Content-Type", std::move(content_type)}, {"Accept", "application/json"}};
  request.body = Secret(body);
  ::explicit_bzero(body.data(), body.size());
  return request;
}

// A whole number of seconds: a JSON number, its fraction cut, or digits in a text. Empty for all else and beyond 10^11,
// which is more than 3,000 years.
[[nodiscard]] inline std::optional<std::int64_t> seconds_in(const nlohmann::json *value) {
  constexpr double seconds_max = 1e11;
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) {
    const double number = value->get<double>();
    if (!(number >= -seconds_max && number <= seconds_max)) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (!value->is_string()) return std::nullopt;
  const std::string &text = value->get_ref<const std::string &>();
  if (text.empty() || text.size() > 11 || text.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// A point in time: seconds since 1970, or an RFC 3339 text.
[[nodiscard]] inline std::optional<std::int64_t> unix_time_in(const nlohmann::json *value) {
  if (value != nullptr && value->is_string()) {
    if (const auto time = rfc3339_time(value->get_ref<const std::string &>())) return time;
  }
  return seconds_in(value);
}

// The answer's `error` when it is one that RFC 6749 (5.2) or RFC 8693 (2.2.2) defines; empty for all else, so that
// nothing that a server writes can be quoted.
[[nodiscard]] inline std::string_view oauth_error(const nlohmann::json &body) {
  constexpr std::array<std::string_view, 7> defined = {"invalid_request",     "invalid_client",         "invalid_grant",
                                                       "unauthorized_client", "unsupported_grant_type", "invalid_scope",
                                                       "invalid_target"};
  const std::string error = json_text(body, "error");
  for (const std::string_view name : defined) {
    if (name == error) return name;
  }
  return {};
}

[[nodiscard]] inline std::string expired_words(std::int64_t expires_at, std::int64_t now) {
  return "the pod's token expired " + std::to_string(now - expires_at) + " s ago by this node's clock";
}

[[nodiscard]] inline std::string not_yet_valid_words(std::int64_t not_before, std::int64_t now) {
  return "the pod's token is not valid yet, for " + std::to_string(not_before - now) + " s more by this node's clock";
}

// True for HTML by its Content-Type: it comes from a proxy, a firewall or a login page.
[[nodiscard]] inline bool is_html(const HttpResponse &response) {
  const std::string_view type = response.header("content-type");
  return type.starts_with("text/html") || type.starts_with("application/xhtml");
}

// The same also by the first byte, where no answer is XML.
[[nodiscard]] inline bool is_web_page(const HttpResponse &response) {
  if (is_html(response)) return true;
  const std::string_view body = response.body.reveal();
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '<';
}

// For a message: only the host of a Location (RFC 9110, 10.2.2), since user info, path and query may hold secrets, and
// not a host with labels of more than 20 bytes.
[[nodiscard]] inline std::string redirect_target(std::string_view location) {
  if (location.empty()) return "another place";
  const std::size_t slashes = location.find("//");
  if (slashes > std::string_view("https:").size()) return "another place on the same host";
  location.remove_prefix(slashes + 2);
  location = location.substr(0, location.find_first_of("/?#\\"));
  if (const std::size_t at = location.rfind('@'); at != std::string_view::npos) location.remove_prefix(at + 1);
  const std::optional<std::string> host = host_and_port(location);
  if (!host) return "an unreadable host";
  // A server may write what it was sent into a host's labels, which are longer than those of real hosts then.
  constexpr std::size_t label_bytes_max = 20;
  for (std::size_t start = 0; start < host->size();) {
    const std::size_t end = std::min(host->find('.', start), host->size());
    if (end - start > label_bytes_max) return "another host";
    start = end + 1;
  }
  return "host " + shown(*host);
}

}  // namespace regcred::detail
