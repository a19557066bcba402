// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "cli/doctor/issuer_steps.hpp"

namespace regcred::core {

bool is_private_address(const std::string &address) {
  struct Network {
    std::uint32_t prefix;
    unsigned bits;
  };
  // RFC 1918, RFC 6598 (carrier-grade NAT, which clouds give to nodes), loopback, RFC 3927, "this network".
  constexpr Network networks[] = {{0x0A000000, 8}, {0xAC100000, 12}, {0xC0A80000, 16}, {0x64400000, 10},
                                  {0x7F000000, 8}, {0xA9FE0000, 16}, {0x00000000, 8}};
  in_addr four{};
  if (::inet_pton(AF_INET, address.c_str(), &four) == 1) {
    const std::uint32_t value = ntohl(four.s_addr);
    return std::any_of(std::begin(networks), std::end(networks), [value](const Network &network) {
      return (value ^ network.prefix) >> (32U - network.bits) == 0;
    });
  }
  std::array<unsigned char, sizeof(in6_addr)> six{};
  if (::inet_pton(AF_INET6, address.c_str(), six.data()) != 1) return false;
  const bool unique_local = (six[0] & 0xFEU) == 0xFCU;                   // RFC 4193
  const bool link_local = six[0] == 0xFEU && (six[1] & 0xC0U) == 0x80U;  // RFC 4291, 2.5.6
  return unique_local || link_local || address == "::1";
}

bool is_private_name(const std::string &host) {
  if (is_private_address(host)) return true;
  if (host.find(':') != std::string::npos) return false;
  if (host.find('.') == std::string::npos) return true;
  constexpr std::string_view endings[] = {".svc", ".cluster.local", ".local",     ".internal",
                                          ".lan", ".home.arpa",     ".localhost", ".localdomain"};
  return std::any_of(std::begin(endings), std::end(endings),
                     [&host](std::string_view ending) { return host.ends_with(ending); });
}

}  // namespace regcred::core
