// SPDX-License-Identifier: Apache-2.0
#include "match/pattern_syntax.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "common/ascii.hpp"
#include "common/image_reference.hpp"

namespace regcred::core {
namespace {

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool has_bad_escape(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (escaped_byte(text, at) < 0) return true;
  }
  return false;
}

// Bytes that Go's host parser lets through as they are; beyond ASCII it lets everything through.
bool is_host_byte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || is_alnum(c) ||
         std::string_view("!\"$&'()*+,-.:;<=>[]_~").find(c) != std::string_view::npos;
}

bool is_user_byte(char c) {
  return is_alnum(c) || std::string_view("-._:~!$&'()*+,;=%@").find(c) != std::string_view::npos;
}

// Go's "zone" of an IPv6 address may hold escapes of host bytes; elsewhere in a host only bytes beyond ASCII and the
// percent sign itself may be escaped.
bool is_host_text(std::string_view text, bool is_zone) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      if (!is_host_byte(text[i])) return false;
      continue;
    }
    const int byte = escaped_byte(text, i);
    const bool zone_byte = byte == ' ' || (byte >= 0 && byte < 0x80 && is_host_byte(static_cast<char>(byte)));
    if (byte != '%' && !(is_zone ? zone_byte : byte >= 0x80)) return false;
    i += 2;
  }
  return true;
}

bool is_ipv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  in6_addr address{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return false;
  std::copy(text.begin(), text.end(), terminated.begin());
  return ::inet_pton(AF_INET6, terminated.data(), &address) == 1;
}

bool is_optional_port(std::string_view text) {  // "", ":", ":443"
  return text.empty() || (text.front() == ':' && std::all_of(text.begin() + 1, text.end(), is_digit));
}

constexpr std::string_view host_cure = "a host is letters, digits, - and . with * inside a label";
constexpr PatternProblem bad_port{"has a port that is not digits",
                                  "write the port as in reg.io:5000; `*` is not a port"};
constexpr PatternProblem bad_address{"has brackets around something else than an IPv6 address",
                                     "write an address as in [fd00::1]:5000; classes like [a-z] are not supported"};

PatternProblem find_address_problem(std::string_view authority) {
  const std::size_t close = authority.rfind(']');
  if (authority.rfind('[') != 0 || close == std::string_view::npos) return bad_address;
  const std::string_view port = authority.substr(close + 1);
  if (!is_optional_port(port)) return port.front() == ':' ? bad_port : bad_address;
  const std::string_view address = authority.substr(1, close - 1);
  const std::size_t zone_at = address.find("%25");
  if (!is_ipv6(address.substr(0, zone_at))) return bad_address;
  if (zone_at == std::string_view::npos) return {};
  const std::string_view zone = address.substr(zone_at);
  return zone.size() > 3 && is_host_text(zone, true) ? PatternProblem{} : bad_address;
}

PatternProblem find_host_problem(std::string_view authority) {
  if (authority.find('[') != std::string_view::npos) return find_address_problem(authority);
  const std::size_t colon = std::min(authority.find(':'), authority.size());
  if (!is_optional_port(authority.substr(colon))) return bad_port;
  if (!is_host_text(authority, false)) {
    return {"has a host with a space, a bad escape or a character that no host can have", host_cure};
  }
  return {};
}

}  // namespace

PatternParts split_pattern(std::string_view pattern) noexcept {
  PatternParts parts;
  std::size_t user_end = 0;  // one past the last "@" of the authority
  bool has_port = false;     // perhaps: most patterns are nothing but a host
  std::size_t i = 0;
  for (; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '/' || c == '?' || c == '#') break;
    if (c == '@') user_end = i + 1;
    has_port |= c == ':';
  }
  parts.user = pattern.substr(0, user_end == 0 ? 0 : user_end - 1);
  parts.authority = pattern.substr(user_end, i - user_end);
  const HostPort host_port = has_port ? split_host_port(parts.authority) : HostPort{parts.authority, {}};
  parts.host = host_port.host;
  parts.port = host_port.port;
  parts.before_fragment = pattern;
  if (i == pattern.size()) return parts;
  const std::size_t hash = std::min(pattern.find('#', i), pattern.size());
  const std::size_t path_end = std::min(pattern.find('?', i), hash);
  parts.path = pattern.substr(i, path_end - i);
  parts.before_fragment = pattern.substr(0, hash);
  parts.fragment = pattern.substr(std::min(hash + 1, pattern.size()));
  return parts;
}

int escaped_byte(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < 3) return -1;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

PatternProblem find_problem(const PatternParts &parts) noexcept {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; };
  if (std::any_of(parts.before_fragment.begin(), parts.before_fragment.end(), is_control)) {
    return {"holds a control character", "remove it"};
  }
  if (const PatternProblem host = find_host_problem(parts.authority); !host.what.empty()) return host;
  if (!std::all_of(parts.user.begin(), parts.user.end(), is_user_byte) || has_bad_escape(parts.user)) {
    return {"has a malformed part before its @", "remove the user name: the kubelet ignores it anyway"};
  }
  if (has_bad_escape(parts.path) || has_bad_escape(parts.fragment)) {
    return {"has a percent sign that starts no escape", "write the character itself, or % as %25"};
  }
  return {};
}

}  // namespace regcred::core
