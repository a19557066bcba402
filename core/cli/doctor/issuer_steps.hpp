// SPDX-License-Identifier: Apache-2.0
// Steps about the token's issuer, checked as the registry would do it (OpenID Connect Discovery 1.0, section 4):
// discovery document, keys, signature, and whether the registry can reach it at all.
//
// The token names the issuer, so its host is not trusted: it gets only GETs over https, without a credential, and no
// redirect is followed. Its jwks_uri is asked at public addresses and on the issuer's own network (foreign_hosts.hpp).
#pragma once

#include <string>
#include <vector>

#include "cli/doctor/foreign_hosts.hpp"
#include "cli/doctor/network.hpp"
#include "cli/doctor/report.hpp"
#include "cli/doctor/token_steps.hpp"

namespace regcred::core {

inline const std::vector<std::string> issuer_steps = {"issuer-reach", "issuer-discovery", "issuer-identity",
                                                      "issuer-keys",  "issuer-key",       "token-signature"};

void examine_issuer(const TokenFacts &facts, DoctorNetwork &network, DoctorReport &report,
                    const FollowedHosts &followed = {});

}  // namespace regcred::core
