// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/foreign_hosts.hpp"

#include <algorithm>

namespace regcred::core {

bool FollowedHosts::has(std::string_view authority) const {
  const std::string host = bare_host(authority);
  return std::any_of(hosts.begin(), hosts.end(), [&host](const std::string &own) { return bare_host(own) == host; });
}

std::string FollowedHosts::cure(std::string_view authority, const Fetched &fetched) const {
  if (!allowing || fetched.refused.ends_with(words_of(AddressKind::link_local))) return {};
  return "; to ask it all the same: " + allowing(bare_host(authority));
}

AddressKinds places_for(std::string_view host, std::string_view naming, const Fetched &fetched,
                        const FollowedHosts &followed) {
  const AddressKind there =
      fetched.address.empty() ? kind_of_name(naming) : kind_of_address(fetched.address).value_or(AddressKind::open);
  AddressKinds allowed = kinds(AddressKind::open) | kinds(there);
  // guard: follow-places
  if (followed.has(host)) allowed |= kinds(AddressKind::private_network) | kinds(AddressKind::loopback);
  return allowed;
}

}  // namespace regcred::core
