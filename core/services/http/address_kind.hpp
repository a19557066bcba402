// SPDX-License-Identifier: Apache-2.0
// Where an address, or a host of this name, is. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace regcred::core {

// As bits of a set. An address of IPv6 that stands for one of IPv4 (mapped, NAT64, 6to4) is of the latter's kind.
enum class AddressKind : unsigned {
  open = 1,             // whatever is none of the following
  private_network = 2,  // RFC 1918, 4193, 6598, and what else no network carries for everybody: multicast, reserved
  loopback = 4,         // this machine; 0.0.0.0 and :: lead there, too
  link_local = 8,       // RFC 3927, 4291, and the clouds' metadata endpoints wherever they are
};

using AddressKinds = unsigned;
inline constexpr AddressKinds every_address_kind = 15;
[[nodiscard]] constexpr AddressKinds kinds(AddressKind kind) noexcept { return static_cast<AddressKinds>(kind); }

// "an address of a private network".
[[nodiscard]] const char *words_of(AddressKind kind) noexcept;

// `bytes` is an in_addr or in6_addr, as `family` says; of another family: link_local.
[[nodiscard]] AddressKind kind_of_address(int family, const void *bytes) noexcept;

// `text` as inet_ntop writes it; empty when it is not an address.
[[nodiscard]] std::optional<AddressKind> kind_of_address(const std::string &text);

// What a host (with a port, or without) says by its name alone: an address in any form that inet_aton(3) takes, a name
// that only a machine, a cluster or a company can know (one label, *.svc, *.local, *.internal, ...), or else open.
[[nodiscard]] AddressKind kind_of_name(std::string_view authority);

// `authority` without port and brackets, in lower case, without a dot at its end.
[[nodiscard]] std::string bare_host(std::string_view authority);

[[nodiscard]] bool is_private_address(const std::string &address);
[[nodiscard]] bool is_private_name(const std::string &host);

}  // namespace regcred::core
