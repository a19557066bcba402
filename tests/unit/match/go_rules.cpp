// SPDX-License-Identifier: Apache-2.0
#include "unit/match/go_rules.hpp"

#include <arpa/inet.h>

#include <cctype>
#include <string_view>

namespace go_rules {
namespace {

enum class Where { host, zone, user, path, fragment };

bool may_stand_in_host(unsigned char byte) {
  return byte < 0x80 && byte != 0 &&
         (std::isalnum(byte) != 0 ||
          std::string_view("-_.~!$&'()*+,;=:[]<>\"").find(static_cast<char>(byte)) != std::string_view::npos);
}

// unescape(): the decoded text, or nothing when it is malformed for its place.
std::optional<std::string> unescape(const std::string &text, Where where) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte != '%') {
      if ((where == Where::host || where == Where::zone) && byte < 0x80 && !may_stand_in_host(byte)) return {};
      decoded += text[i++];
      continue;
    }
    const std::string escape = text.substr(i, 3);
    if (escape.size() < 3 || std::isxdigit(static_cast<unsigned char>(escape[1])) == 0 ||
        std::isxdigit(static_cast<unsigned char>(escape[2])) == 0) {
      return {};
    }
    const int value = std::stoi(escape.substr(1), nullptr, 16);
    if (where == Where::host && value < 0x80 && escape != "%25") return {};
    if (where == Where::zone && escape != "%25" && value != ' ' &&
        !may_stand_in_host(static_cast<unsigned char>(value))) {
      return {};
    }
    decoded += static_cast<char>(value);
    i += 3;
  }
  return decoded;
}

bool valid_optional_port(const std::string &text) {
  if (text.empty()) return true;
  return text[0] == ':' && text.find_first_not_of("0123456789", 1) == std::string::npos;
}

bool valid_address(std::string address) {
  const std::size_t percent = address.find('%');
  if (percent != std::string::npos) {
    if (percent + 1 == address.size()) return false;  // a zone must have a name
    address.resize(percent);
  }
  in6_addr parsed{};
  return address.find('\0') == std::string::npos && inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

// parseHost(): the decoded host with its port.
std::optional<std::string> parse_host(const std::string &host) {
  const std::size_t open = host.rfind('[');
  if (open != std::string::npos && open > 0) return {};
  if (open == 0) {
    const std::size_t close = host.rfind(']');
    if (close == std::string::npos || !valid_optional_port(host.substr(close + 1))) return {};
    const std::string inside = host.substr(1, close - 1);
    const std::size_t zone = inside.find("%25");
    const auto address = unescape(inside.substr(0, zone), Where::host);
    const auto rest = unescape(zone == std::string::npos ? "" : inside.substr(zone), Where::zone);
    if (!address || !rest || !valid_address(*address + *rest)) return {};
    return "[" + *address + *rest + "]" + host.substr(close + 1);
  }
  const std::size_t colon = host.find(':');
  if (colon != std::string::npos && !valid_optional_port(host.substr(colon))) return {};
  return unescape(host, Where::host);
}

bool valid_user(const std::string &user) {
  for (const char c : user) {
    const bool plain = static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (!plain && (c == '\0' || std::string_view("-._:~!$&'()*+,;=%@").find(c) == std::string_view::npos)) return false;
  }
  return true;
}

// net.SplitHostPort; on its errors the kubelet takes all of the text as the host.
void split_host_port(const std::string &text, std::string &host, std::string &port) {
  host = text;
  port.clear();
  const std::size_t last = text.rfind(':');
  if (last == std::string::npos) return;
  std::size_t from_open = 0;
  std::size_t from_close = 0;
  std::string found;
  if (text[0] == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string::npos || end + 1 != last) return;
    found = text.substr(1, end - 1);
    from_open = 1;
    from_close = end + 1;
  } else {
    found = text.substr(0, last);
    if (found.find(':') != std::string::npos) return;
  }
  if (text.find('[', from_open) != std::string::npos || text.find(']', from_close) != std::string::npos) return;
  host = found;
  port = text.substr(last + 1);
}

// One character of a class; false when there is none.
bool take_class_character(const std::string &pattern, std::size_t &at, char &c) {
  if (at >= pattern.size() || pattern[at] == '-' || pattern[at] == ']') return false;
  if (pattern[at] == '\\' && ++at >= pattern.size()) return false;
  c = pattern[at++];
  return at < pattern.size();
}

bool glob_from(const std::string &pattern, std::size_t p, const std::string &name, std::size_t n) {
  if (p == pattern.size()) return n == name.size();
  if (pattern[p] == '*') {
    for (std::size_t i = n; i <= name.size(); ++i) {
      if (glob_from(pattern, p + 1, name, i)) return true;
      if (i < name.size() && name[i] == '/') return false;
    }
    return false;
  }
  if (n == name.size()) return false;
  if (pattern[p] == '?') return name[n] != '/' && glob_from(pattern, p + 1, name, n + 1);
  if (pattern[p] != '[') {
    if (pattern[p] == '\\' && ++p == pattern.size()) return false;
    return pattern[p] == name[n] && glob_from(pattern, p + 1, name, n + 1);
  }
  ++p;
  const bool negated = p < pattern.size() && pattern[p] == '^';
  if (negated) ++p;
  bool found = false;
  for (int ranges = 0;; ++ranges) {
    if (p < pattern.size() && pattern[p] == ']' && ranges > 0) break;
    char low = 0;
    if (!take_class_character(pattern, p, low)) return false;
    char high = low;
    if (pattern[p] == '-' && !take_class_character(pattern, ++p, high)) return false;
    found = found || (low <= name[n] && name[n] <= high);
  }
  return found != negated && glob_from(pattern, p + 1, name, n + 1);
}

}  // namespace

bool glob_matches(const std::string &pattern, const std::string &name) { return glob_from(pattern, 0, name, 0); }

std::optional<Url> parse(const std::string &text) {
  const std::size_t hash = text.find('#');
  std::string rest = text.substr(0, hash);
  if (hash != std::string::npos && !unescape(text.substr(hash + 1), Where::fragment)) return {};
  for (const char c : rest) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) return {};
  }
  rest = rest.substr(0, rest.find('?'));
  const std::size_t slash = rest.find('/');
  std::string authority = rest.substr(0, slash);
  const auto path = unescape(slash == std::string::npos ? "" : rest.substr(slash), Where::path);
  const std::size_t at = authority.rfind('@');
  if (at != std::string::npos) {
    const std::string user = authority.substr(0, at);
    if (!valid_user(user) || !unescape(user, Where::user)) return {};
    authority = authority.substr(at + 1);
  }
  const auto host_and_port = parse_host(authority);
  if (!host_and_port || !path) return {};

  Url url;
  url.path = *path;
  std::string host;
  split_host_port(*host_and_port, host, url.port);
  url.labels.emplace_back();
  for (const char c : host) {
    if (c == '.') {
      url.labels.emplace_back();
    } else {
      url.labels.back() += c;
    }
  }
  return url;
}

bool match(const Url &glob, const Url &target) {
  if (glob.port != target.port || glob.labels.size() != target.labels.size()) return false;
  if (target.path.compare(0, glob.path.size(), glob.path) != 0) return false;
  for (std::size_t i = 0; i < glob.labels.size(); ++i) {
    if (!glob_matches(glob.labels[i], target.labels[i])) return false;
  }
  return true;
}

}  // namespace go_rules
