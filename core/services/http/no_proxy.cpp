// SPDX-License-Identifier: Apache-2.0
// NO_PROXY as golang.org/x/net/http/httpproxy reads it (config.init and config.useProxy).
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

#include "common/ascii.hpp"
#include "common/image_reference.hpp"
#include "services/http/proxy_route.hpp"

namespace regcred::core {
namespace {

struct Address {
  std::array<unsigned char, 16> bytes{};  // an IPv4 address as ::ffff:a.b.c.d
  bool is_ipv4 = false;
};

std::optional<Address> parse_address(const std::string &text) {
  Address address;
  if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) {
    constexpr std::array<unsigned char, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    address.is_ipv4 = std::equal(mapped.begin(), mapped.end(), address.bytes.begin());
    return address;
  }
  address.is_ipv4 = ::inet_pton(AF_INET, text.c_str(), address.bytes.data() + 12) == 1;
  if (!address.is_ipv4) return std::nullopt;
  address.bytes[10] = address.bytes[11] = 0xFF;
  return address;
}

// "10.0.0.0/8" against `address`; empty when `entry` is not a block.
std::optional<bool> in_block(const std::string &entry, const std::optional<Address> &address) {
  const std::size_t slash = entry.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const std::optional<Address> base = parse_address(entry.substr(0, slash));
  const std::string digits = entry.substr(slash + 1);
  if (!base || digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  const std::size_t offset = base->is_ipv4 ? 96 : 0;
  const std::size_t bits = std::stoul(digits) + offset;
  if (bits > 128) return std::nullopt;
  if (!address || address->is_ipv4 != base->is_ipv4) return false;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if (((address->bytes[bit / 8] ^ base->bytes[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

std::string without_brackets(std::string_view host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return to_lower(bracketed ? host.substr(1, host.size() - 2) : host);
}

// One word of NO_PROXY, in lower case.
bool spares(const std::string &word, const std::string &host, std::string_view port) {
  if (word == "*") return true;
  const std::optional<Address> address = parse_address(host);
  if (const std::optional<bool> block = in_block(word, address)) return *block;
  HostPort parts = split_host_port(word);
  if (parse_address(word)) parts = {word, {}};  // an IPv6 address without brackets
  std::string name = without_brackets(parts.host);
  if (name.empty() || (!parts.port.empty() && parts.port != port)) return false;
  if (const std::optional<Address> wanted = parse_address(name)) return address && wanted->bytes == address->bytes;
  if (name.starts_with("*.")) name.erase(0, 1);
  const bool below_only = name.front() == '.';
  if (!below_only) name.insert(0, 1, '.');
  return host.ends_with(name) || (!below_only && host == name.substr(1));
}

}  // namespace

bool spared_as_go(std::string_view no_proxy, std::string_view authority) {
  const HostPort asked = split_host_port(authority);
  const std::string host = without_brackets(asked.host);
  const std::string_view port = asked.port.empty() ? "443" : asked.port;
  while (!no_proxy.empty()) {
    const std::size_t comma = std::min(no_proxy.find(','), no_proxy.size());
    const std::string word = to_lower(trimmed(no_proxy.substr(0, comma)));
    if (!word.empty() && spares(word, host, port)) return true;
    no_proxy.remove_prefix(std::min(comma + 1, no_proxy.size()));
  }
  return false;
}

}  // namespace regcred::core
