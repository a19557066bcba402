// SPDX-License-Identifier: Apache-2.0
// Whether a request under load got what it must get.
#pragma once

#include <string>

#include "load/crowd.hpp"
#include "load/registries.hpp"

namespace regcred::testing {

// Empty when all is right: exit status; one whole document with this request's own password, or nothing on standard
// output and one clean line with the right words; no piece of the token in it. Else what is wrong.
[[nodiscard]] std::string what_is_wrong(const LoadRequest &request, const Finished &finished);

}  // namespace regcred::testing
