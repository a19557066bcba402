// SPDX-License-Identifier: Apache-2.0
// What a registry's token grants, in words that cannot carry a secret to the terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/doctor/report.hpp"

namespace regcred::core {

// One line for each of the first 5 items of the claim `access` (distribution specification, token authentication) of
// `token`; none when it is not a JWT with that claim. The registry writes what it likes into it: a name and the actions
// on it are shown when each has at most 60 characters, all of them such as repositories and actions have, and when they
// do not make up a secret of `report`; else the line says what is not shown, and why.
[[nodiscard]] std::vector<std::string> granted_lines(std::string_view token, const DoctorReport &report);

}  // namespace regcred::core
