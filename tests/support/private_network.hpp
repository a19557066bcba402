// SPDX-License-Identifier: Apache-2.0
// A network of one's own, with addresses that a cloud's nodes have.
#pragma once

#include <functional>
#include <string>

namespace regcred::testing {

// Runs `work` in a thread that sees no network but a loopback of its own, with `address` on it as well. So do the
// servers and the programs that `work` starts. Throws std::runtime_error without CAP_SYS_ADMIN, and what `work` throws.
void in_private_network(const std::string &address, const std::function<void()> &work);

}  // namespace regcred::testing
