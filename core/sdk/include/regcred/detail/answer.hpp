// The small parts of exchange.hpp: bodies out, answers in. Pure. Not part of what backend authors use.
#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/http.hpp>
#include <regcred/jwt.hpp>
#include <regcred/text.hpp>
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

// host[:port] of an absolute URL.
[[nodiscard]] inline std::string_view authority(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

// The member at `path`, whose dots step into inner objects; null when there is none. A null value counts as absent.
[[nodiscard]] inline const nlohmann::json *member(const nlohmann::json &object, std::string_view path) {
  const nlohmann::json *at = &object;
  while (!path.empty() && at->is_object()) {
    const std::size_t dot = path.find('.');
    const auto found = at->find(path.substr(0, dot));
    if (found == at->end() || found->is_null()) return nullptr;
    at = &*found;
    if (dot == std::string_view::npos) return at;
    path.remove_prefix(dot + 1);
  }
  return nullptr;
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

// RFC 3339, section 5.6: 2025-06-15T15:06:40.5+02:00 in seconds since 1970, fractions cut. Empty for all else.
[[nodiscard]] inline std::optional<std::int64_t> rfc3339_time(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd";
  if (text.size() < form.size() + 1) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool fits = form[i] == 'd' ? text[i] >= '0' && text[i] <= '9'
                                     : text[i] == form[i] || (form[i] == 'T' && (text[i] == 't' || text[i] == ' '));
    if (!fits) return std::nullopt;
  }
  const auto number = [](std::string_view digits) {
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
  };
  const auto is_clock = [&](std::string_view hh_mm) {  // 00:00 to 23:59
    constexpr std::string_view clock = "dd:dd";
    for (std::size_t i = 0; i < clock.size(); ++i) {
      const bool digit = hh_mm[i] >= '0' && hh_mm[i] <= '9';
      if (clock[i] == 'd' ? !digit : hh_mm[i] != ':') return false;
    }
    return number(hh_mm.substr(0, 2)) < 24 && number(hh_mm.substr(3, 2)) < 60;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(text.substr(0, 4))),
                                         std::chrono::month(static_cast<unsigned>(number(text.substr(5, 2)))),
                                         std::chrono::day(static_cast<unsigned>(number(text.substr(8, 2))))};
  const int seconds = number(text.substr(17, 2));
  if (!date.ok() || !is_clock(text.substr(11, 5)) || seconds > 60) return std::nullopt;  // 60: a leap second
  std::int64_t time = std::chrono::seconds(std::chrono::sys_days(date).time_since_epoch()).count() +
                      number(text.substr(11, 2)) * 3600 + number(text.substr(14, 2)) * 60 + seconds;

  std::string_view rest = text.substr(form.size());
  if (rest.front() == '.') {
    const std::size_t end = rest.find_first_not_of("0123456789", 1);
    if (end == std::string_view::npos || end == 1) return std::nullopt;
    rest.remove_prefix(end);
  }
  if (rest == "Z" || rest == "z") return time;
  const bool offset = rest.size() == 6 && (rest.front() == '+' || rest.front() == '-') && is_clock(rest.substr(1));
  if (!offset) return std::nullopt;
  const int seconds_east = number(rest.substr(1, 2)) * 3600 + number(rest.substr(4, 2)) * 60;
  return rest.front() == '+' ? time - seconds_east : time + seconds_east;
}

// A point in time: seconds since 1970, or an RFC 3339 text.
[[nodiscard]] inline std::optional<std::int64_t> unix_time_in(const nlohmann::json *value) {
  if (value != nullptr && value->is_string()) {
    if (const auto time = rfc3339_time(value->get_ref<const std::string &>())) return time;
  }
  return seconds_in(value);
}

// The response's `error` when it is one that RFC 6749 (5.2) or RFC 8693 (2.2.2) defines; empty for all else, so that
// nothing that a server writes can be quoted.
[[nodiscard]] inline std::string_view oauth_error(const HttpResponse &response) {
  constexpr std::array<std::string_view, 7> defined = {"invalid_request",     "invalid_client",         "invalid_grant",
                                                       "unauthorized_client", "unsupported_grant_type", "invalid_scope",
                                                       "invalid_target"};
  const std::optional<nlohmann::json> body = response.json_object();
  if (!body) return {};
  const std::string error = text_claim(*body, "error");
  for (const std::string_view name : defined) {
    if (name == error) return name;
  }
  return {};
}

// True for HTML, by Content-Type or first byte: it comes from a proxy, a firewall or a login page.
[[nodiscard]] inline bool is_web_page(const HttpResponse &response) {
  const std::string_view type = response.header("content-type");
  if (type.starts_with("text/html") || type.starts_with("application/xhtml")) return true;
  const std::string_view body = response.body.reveal();
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '<';
}

// For a message: only the host of a Location, since what follows it may hold secrets.
[[nodiscard]] inline std::string redirect_target(std::string_view location) {
  if (!location.starts_with("https://") && !location.starts_with("http://")) return "another place";
  const std::optional<std::string> host = host_and_port(authority(location));
  return host ? "host " + shown(*host) : "another place";
}

}  // namespace regcred::detail
