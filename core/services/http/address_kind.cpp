// SPDX-License-Identifier: Apache-2.0
#include "services/http/address_kind.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "common/ascii.hpp"
#include "common/image_reference.hpp"

namespace regcred::core {
namespace {

struct FourBlock {
  std::uint32_t prefix;
  unsigned bits;
  AddressKind kind;
};

// The first that fits counts. Metadata endpoints that are elsewhere: Alibaba's, Azure's, Oracle's.
constexpr FourBlock four_blocks[] = {
    {0xA9FE0000, 16, AddressKind::link_local},      {0x646464C8, 32, AddressKind::link_local},
    {0xA83F8110, 32, AddressKind::link_local},      {0xC00000C0, 32, AddressKind::link_local},
    {0x7F000000, 8, AddressKind::loopback},         {0x00000000, 8, AddressKind::loopback},
    {0x0A000000, 8, AddressKind::private_network},  {0xAC100000, 12, AddressKind::private_network},
    {0xC0A80000, 16, AddressKind::private_network}, {0x64400000, 10, AddressKind::private_network},
    {0xC0000000, 24, AddressKind::private_network}, {0xC6120000, 15, AddressKind::private_network},
    {0xE0000000, 3, AddressKind::private_network},
};

AddressKind kind_of_four(std::uint32_t value) noexcept {
  for (const FourBlock &block : four_blocks) {
    if ((value ^ block.prefix) >> (32U - block.bits) == 0) return block.kind;
  }
  return AddressKind::open;
}

using Six = std::array<unsigned char, sizeof(in6_addr)>;

std::uint32_t four_at(const Six &six, std::size_t at) noexcept {
  std::uint32_t value = 0;
  std::memcpy(&value, &six[at], sizeof(value));
  return ntohl(value);
}

bool begins(const Six &six, std::initializer_list<unsigned> bytes) noexcept {
  return std::equal(bytes.begin(), bytes.end(), six.begin());
}

AddressKind kind_of_six(const Six &six) noexcept {
  constexpr std::uint32_t zero_and_one = 1;
  const bool zeros = four_at(six, 0) == 0 && four_at(six, 4) == 0;
  if (zeros && four_at(six, 8) == 0 && four_at(six, 12) <= zero_and_one) return AddressKind::loopback;
  // Mapped (RFC 4291, 2.5.5.2), compatible (2.5.5.1) and translated addresses.
  if (zeros && (four_at(six, 8) == 0xFFFF || four_at(six, 8) == 0)) return kind_of_four(four_at(six, 12));
  if (begins(six, {0x00, 0x64, 0xFF, 0x9B})) return kind_of_four(four_at(six, 12));  // RFC 6052, 8215
  if (begins(six, {0x20, 0x02})) return kind_of_four(four_at(six, 2));               // RFC 3056
  if (six[0] == 0xFE && (six[1] & 0xC0U) == 0x80U) return AddressKind::link_local;
  // Amazon's and Google's metadata endpoints, fd00:ec2::/32 and fd20:ce::/32.
  if (begins(six, {0xFD, 0x00, 0x0E, 0xC2}) || begins(six, {0xFD, 0x20, 0x00, 0xCE})) return AddressKind::link_local;
  const bool is_global = (six[0] & 0xE0U) == 0x20U;              // 2000::/3 is all that IANA has given out
  const bool is_teredo = begins(six, {0x20, 0x01, 0x00, 0x00});  // hides an address of IPv4
  return is_global && !is_teredo ? AddressKind::open : AddressKind::private_network;
}

}  // namespace

const char *words_of(AddressKind kind) noexcept {
  switch (kind) {
    case AddressKind::private_network:
      return "an address of a private network";
    case AddressKind::loopback:
      return "an address of this machine";
    case AddressKind::link_local:
      return "a link-local or metadata address";
    case AddressKind::open:
      break;
  }
  return "a public address";
}

AddressKind kind_of_address(int family, const void *bytes) noexcept {
  if (family == AF_INET) {
    in_addr four{};
    std::memcpy(&four, bytes, sizeof(four));
    return kind_of_four(ntohl(four.s_addr));
  }
  if (family != AF_INET6) return AddressKind::link_local;
  Six six{};
  std::memcpy(six.data(), bytes, six.size());
  return kind_of_six(six);
}

std::optional<AddressKind> kind_of_address(const std::string &text) {
  Six bytes{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, text.c_str(), bytes.data()) == 1) return kind_of_address(family, bytes.data());
  }
  return std::nullopt;
}

std::string bare_host(std::string_view authority) {
  std::string_view host = split_host_port(authority).host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.remove_suffix(1);
  return to_lower(host);
}

AddressKind kind_of_name(std::string_view authority) {
  const std::string host = bare_host(authority);
  if (const std::optional<AddressKind> kind = kind_of_address(host)) return *kind;
  in_addr four{};
  if (::inet_aton(host.c_str(), &four) == 1) return kind_of_address(AF_INET, &four);  // 127.1, 0x7f000001, 2130706433
  if (host == "localhost" || host.ends_with(".localhost")) return AddressKind::loopback;
  if (host == "metadata.google.internal") return AddressKind::link_local;
  if (host.find_first_of(".:") == std::string::npos) return AddressKind::private_network;
  constexpr std::string_view endings[] = {".svc", ".cluster.local", ".local",      ".internal",
                                          ".lan", ".home.arpa",     ".localdomain"};
  const bool inside = std::any_of(std::begin(endings), std::end(endings),
                                  [&host](std::string_view ending) { return host.ends_with(ending); });
  return inside ? AddressKind::private_network : AddressKind::open;
}

bool is_private_address(const std::string &address) {
  return kind_of_address(address).value_or(AddressKind::open) != AddressKind::open;
}

bool is_private_name(const std::string &host) { return kind_of_name(host) != AddressKind::open; }

}  // namespace regcred::core
