// SPDX-License-Identifier: Apache-2.0
// Steps about the token's issuer, as the registry would look at it (OpenID Connect Discovery 1.0, section 4): discovery
// document, keys, signature, and whether the registry can reach it at all.
//
// The issuer is named by the token, so its host is anybody's choice: only GETs without any credential go there, over
// https, and no redirect is followed.
#pragma once

#include <string>
#include <vector>

#include "cli/doctor/network.hpp"
#include "cli/doctor/report.hpp"
#include "cli/doctor/token_steps.hpp"

namespace regcred::core {

inline const std::vector<std::string> issuer_steps = {"issuer-reach", "issuer-discovery", "issuer-identity",
                                                      "issuer-keys",  "issuer-key",       "token-signature"};

void examine_issuer(const TokenFacts &facts, DoctorNetwork &network, DoctorReport &report);

// Whether an address is one that only its own network knows (RFC 1918, 4193, 6598, 3927, loopback). Text that is no
// address is none.
[[nodiscard]] bool is_private_address(const std::string &address);

// Whether a host's name can only be known inside a cluster or a company: one label, *.svc, *.local, *.internal, ...
[[nodiscard]] bool is_private_name(const std::string &host);

}  // namespace regcred::core
