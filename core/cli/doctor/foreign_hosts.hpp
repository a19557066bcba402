// SPDX-License-Identifier: Apache-2.0
// Hosts that a foreign server names: the realm of a registry, the jwks_uri of an issuer. Whoever runs that server
// decides by them whom doctor asks from within the node's network, and who gets a credential. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/doctor/network.hpp"
#include "services/http/address_kind.hpp"

namespace regcred::core {

// The hosts that the operator allows all the same.
struct FollowedHosts {
  std::vector<std::string> hosts = {};                                // --follow-realm
  std::function<std::string(const std::string &host)> allowing = {};  // this run's command with one more

  [[nodiscard]] bool has(std::string_view authority) const;
  // "; to ask it all the same: COMMAND" for the host that `fetched` was refused for; empty where nothing allows it.
  [[nodiscard]] std::string cure(std::string_view authority, const Fetched &fetched) const;
};

// Where a host that `naming` names may be, `fetched` being an answer of `naming`: at public addresses, and where that
// is itself. One that the operator follows may be anywhere but at link-local addresses.
[[nodiscard]] AddressKinds places_for(std::string_view host, std::string_view naming, const Fetched &fetched,
                                      const FollowedHosts &followed);

}  // namespace regcred::core
