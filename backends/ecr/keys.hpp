// SPDX-License-Identifier: Apache-2.0
// Temporary keys of AWS, from each place that gives some.
#pragma once

#include <regcred/exchange.hpp>
#include <regcred/host.hpp>
#include <regcred/result.hpp>
#include <string>
#include <string_view>

#include "sigv4.hpp"

namespace ecr {

// AssumeRoleWithWebIdentity at `sts_url`, https://host[:port].
[[nodiscard]] regcred::Result<Keys> keys_of_role(const regcred::Host &host, const regcred::PodToken &token,
                                                 const std::string &sts_url, std::string_view role,
                                                 std::string_view session_name);

// By the EKS Pod Identity agent of this node: the role of the service account's association.
[[nodiscard]] regcred::Result<Keys> keys_of_association(const regcred::Host &host, const regcred::PodToken &token);

// Of the instance's own role, by IMDSv2.
[[nodiscard]] regcred::Result<Keys> keys_of_node(const regcred::Host &host);

}  // namespace ecr
